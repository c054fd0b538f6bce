// What a dialer does with the other node, one function an action.

import { randomBytes } from 'node:crypto';

/** The protocol that every peer serves: copies until the end of the stream, then half-closes. */
export const ECHO = '/echo/1.0.0';

export const ACTIONS = {
  ping: async (connection) => {
    for (let ping = 0; ping < PINGS; ping += 1) {
      await connection.ping();
    }
  },
  identify: async (connection) => {
    // The libraries themselves compare the key with the peer id.
    const protocols = await connection.identify();
    if (!protocols.includes(ECHO)) {
      throw new Error(`lists ${protocols.join(', ')}`);
    }
  },
  echo: (connection) => echoes(connection, { streams: 1, length: MIB }),
  streams: (connection) => echoes(connection, { streams: 100, length: 8 * KIB }),
  bulk: (connection) => echoes(connection, { streams: 1, length: 8 * MIB }),
};

const KIB = 1024;

const MIB = 1024 * KIB;

const PINGS = 3;

/** Divides no frame, record or buffer of anybody's. */
const ODD_CHUNK = 7_919;

/** How much of the echo waits until our side is half-closed: fits into every muxer's window. */
const READ_AFTER_CLOSE = 64 * KIB;

async function echoes(connection, { streams, length }) {
  // All of them are open before the first byte is sent.
  const opened = await Promise.all(Array.from({ length: streams }, () => connection.open(ECHO)));
  await Promise.all(opened.map((stream) => echo(stream, length)));
}

/** Sends random bytes and half-closes while it reads the echo, the last part of it only afterwards. */
async function echo({ sink, source }, length) {
  const sent = randomBytes(length);
  const sending = sink(chunks(sent));
  const [received] = await Promise.all([receive(source, length, sending), sending]);
  if (!received.equals(sent)) {
    throw new Error(`${length} bytes came back as ${received.length} others`);
  }
}

async function receive(source, length, sending) {
  const parts = [];
  let received = 0;
  for await (const part of source) {
    parts.push(part.slice());
    received += part.length;
    if (length - READ_AFTER_CLOSE <= received) {
      await sending;
    }
  }
  return Buffer.concat(parts);
}

function* chunks(bytes) {
  for (let start = 0; start < bytes.length; start += ODD_CHUNK) {
    yield bytes.subarray(start, start + ODD_CHUNK);
  }
}
