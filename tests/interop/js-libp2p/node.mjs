// The node: a js-libp2p that serves ping, identify and echo, and what a dialer needs of it.

import { readFileSync } from 'node:fs';

import { generateKeyPair } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { mplex } from '@libp2p/mplex';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { preSharedKey } from '@libp2p/pnet';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';

import { ECHO } from '../js-program/actions.mjs';
import { ANYTHING } from '../js-program/program.mjs';

export const LAYERS = {
  transport: ['tcp', 'ws'],
  security: ['noise', 'tls'],
  muxer: ['yamux', 'mplex'],
  'key-type': ['ed25519', 'secp256k1', 'rsa'],
  'swarm-key': ANYTHING,
};

/** A node on a new identity, which listens when the layers name a transport. */
export async function start(layers) {
  const { transport, security, muxer, 'key-type': keyType, 'swarm-key': swarmKey } = layers;
  const node = await createLibp2p({
    privateKey: await generateKeyPair(KEY_TYPES[keyType]),
    addresses: { listen: transport === undefined ? [] : [ADDRESSES[transport]] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [{ noise, tls }[security]()],
    streamMuxers: [MUXERS[muxer]],
    connectionProtector: swarmKey && preSharedKey({ psk: readFileSync(swarmKey) }),
    connectionManager: CONNECTIONS,
    services: {
      // A dialer asks when its action says so.
      identify: identify({ runOnConnectionOpen: transport !== undefined }),
      ping: ping({ maxInboundStreams: MANY }),
    },
  });
  await node.handle(ECHO, serveEcho, { maxInboundStreams: MANY, maxOutboundStreams: MANY });
  return {
    address: node.getMultiaddrs().map(String)[0],
    dial: async (address) => connection(node, await node.dial(multiaddr(address))),
    stop: () => node.stop(),
  };
}

function connection(node, to) {
  return {
    ping: () => node.services.ping.ping(to.remotePeer),
    identify: async () => (await node.services.identify.identify(to)).protocols,
    open: async (protocol) => {
      const stream = await to.newStream(protocol);
      return { source: stream, sink: (chunks) => send(stream, chunks) };
    },
    close: () => to.close(),
  };
}

/** Copies until the end, then half-closes. */
async function serveEcho(stream) {
  await send(stream, stream);
}

async function send(stream, chunks) {
  for await (const chunk of chunks) {
    if (!stream.send(chunk)) {
      await stream.onDrain();
    }
  }
  await stream.close();
}

const KEY_TYPES = { ed25519: 'Ed25519', secp256k1: 'secp256k1', rsa: 'RSA' };

const ADDRESSES = { tcp: '/ip4/127.0.0.1/tcp/0', ws: '/ip4/127.0.0.1/tcp/0/ws' };

/** More streams than any action opens: the library's own limits are 32 a protocol in, 64 out. */
const MANY = 256;

/** 10 streams may arrive while the connection is still being made, and mplex ends a connection on which 5 arrive within a second: an honest peer that opens 100 at once would be refused. */
const MUXERS = {
  yamux: yamux({ maxEarlyStreams: MANY }),
  mplex: mplex({ maxEarlyStreams: MANY, disconnectThreshold: 2 * MANY }),
};

/** The tests dial from one address again and again, on a machine that may be slow. */
const CONNECTIONS = { inboundConnectionThreshold: Infinity, dialTimeout: 30_000, addressDialTimeout: 30_000 };
