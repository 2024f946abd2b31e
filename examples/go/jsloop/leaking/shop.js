async function checkout(cart) {
  await paid(cart);
  console.log("paid");
}

function paid(cart) {
  return new Promise((resolve) => {
    if (cart === "cart 2") resolve();
  });
}

setInterval(() => {}, 60000);
setTimeout(() => console.log("is anybody there?"), 3600000);
setTimeout(() => done(), 5);
checkout("cart 1");
checkout("cart 2");
setTimeout(() => console.log("refunds"), 7200000);
