// Perfetto's trace processor over standard input and output: bytes of TraceProcessorRpcStream in, the same out.
//
// node traceprocessor.js DIR, where DIR has engine_bundle.js and the wasm of Perfetto's UI. The bundle is made for a worker of
// a browser, so it gets what such a worker has, and no process.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const directory = process.argv[2];
process.on("uncaughtException", (e) => {
  fs.writeSync(2, `trace processor: ${e && e.message}\n`.slice(0, 2000));
  process.exit(1);
});

class FromDisk { // of XMLHttpRequest what a synchronous download takes
  open(_, url) { this.url = url; }
  send() { this.response = new Uint8Array(fs.readFileSync(path.join(directory, path.basename(this.url)))).buffer; }
}

const port = {
  postMessage(bytes) {
    for (let at = 0; at < bytes.length;) {
      try {
        at += fs.writeSync(1, bytes, at);
      } catch (e) {
        if (e.code !== "EAGAIN") throw e;
      }
    }
  },
};

const buffer = Buffer.alloc(1 << 20);
function pump() {
  for (;;) {
    let n = 0;
    try {
      n = fs.readSync(0, buffer);
    } catch (e) {
      if (e.code === "EAGAIN") { setTimeout(pump, 5); return; }
      if (e.code !== "EOF") throw e;
    }
    if (n === 0) return;
    port.onmessage({ data: new Uint8Array(buffer.subarray(0, n)) });
  }
}

Object.assign(globalThis, { self: globalThis, WorkerGlobalScope: function () {}, XMLHttpRequest: FromDisk, location: { href: "" } });
console.log = console.info = console.warn = () => {};
delete globalThis.process;
vm.runInThisContext(fs.readFileSync(path.join(directory, "engine_bundle.js"), "utf8"), "engine_bundle.js");
globalThis.onmessage({ data: port });
setTimeout(pump, 0); // once the module, which begins in promises, is ready
