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

globalThis.WebSocket ??= WebSocket;
