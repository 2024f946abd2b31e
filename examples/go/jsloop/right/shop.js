async function checkout(cart) {
  await paid(cart);
  console.log("paid");
  clearInterval(poll);
  clearTimeout(reminder);
  done();
}

function paid(cart) {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

const poll = setInterval(() => {}, 60000);
const reminder = setTimeout(() => console.log("is anybody there?"), 3600000);
checkout("cart 1");
