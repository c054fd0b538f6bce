// What js-libp2p 3.3 takes from Node 22, for Node 20: `Promise.withResolvers` and a global `WebSocket`.

import { WebSocket } from 'ws';

Promise.withResolvers ??= function withResolvers() {
  let resolve;
  let reject;
  const promise = new this((...functions) => {
    [resolve, reject] = functions;
  });
  return { promise, resolve, reject };
};

/** The package's own hands out the first message before a promise that waits for `open` goes on: js-libp2p would lose it. */
globalThis.WebSocket ??= class extends WebSocket {
  constructor(address) {
    super(address);
    this.once('open', () => {
      this.pause();
      setImmediate(() => this.resume());
    });
  }
};
