// The node: a js-libp2p 0.29 that serves ping, identify and echo, and what a dialer needs of it.

import pipe from 'it-pipe';
import Libp2p from 'libp2p';
import Mplex from 'libp2p-mplex';
import { NOISE } from 'libp2p-noise';
import Secio from 'libp2p-secio';
import TCP from 'libp2p-tcp';
import WebSockets from 'libp2p-websockets';
import PeerId from 'peer-id';

import { ECHO } from '../js-program/actions.mjs';

export const LAYERS = {
  transport: ['tcp', 'ws'],
  security: ['secio', 'noise'],
  muxer: ['mplex'],
  'key-type': ['ed25519', 'secp256k1', 'rsa'],
};

/** A node on a new identity, which listens when the layers name a transport. */
export async function start(layers) {
  const { transport, security, muxer, 'key-type': keyType } = layers;
  const peerId = await PeerId.create({ keyType: KEY_TYPES[keyType] });
  const node = await Libp2p.create({
    peerId,
    addresses: { listen: transport === undefined ? [] : [ADDRESSES[transport]] },
    modules: {
      transport: [TCP, WebSockets],
      connEncryption: [SECURITIES[security]],
      streamMuxer: [MUXERS[muxer]],
    },
    config: { peerDiscovery: { autoDial: false }, relay: { enabled: false } },
  });
  node.handle(ECHO, ({ stream }) => pipe(stream, stream));
  await node.start();
  return {
    address: node.multiaddrs.map((address) => `${address}/p2p/${peerId.toB58String()}`)[0],
    dial: async (address) => connection(node, await node.dial(address)),
    stop: () => node.stop(),
  };
}

function connection(node, to) {
  return {
    ping: () => node.ping(to.remotePeer),
    identify: async () => {
      await node.identifyService.identify(to);
      return node.peerStore.protoBook.get(to.remotePeer);
    },
    open: async (protocol) => (await to.newStream(protocol)).stream,
    close: () => to.close(),
  };
}

const KEY_TYPES = { ed25519: 'Ed25519', secp256k1: 'secp256k1', rsa: 'RSA' };

const ADDRESSES = { tcp: '/ip4/127.0.0.1/tcp/0', ws: '/ip4/127.0.0.1/tcp/0/ws' };

const SECURITIES = { secio: Secio, noise: NOISE };

const MUXERS = { mplex: Mplex };
