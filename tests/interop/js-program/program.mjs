// The command line that ../README.md describes, for any JavaScript library that can be put behind `start`.

import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { ACTIONS } from './actions.mjs';

/**
 * Runs the program and ends the process.
 *
 * `start(layers)` makes a node, which listens when the layers name a transport: `{ address, dial(address), stop() }`.
 * A dial gives a connection: `{ ping(), identify(), open(protocol), close() }`, and a stream is `{ sink(chunks), source }`:
 * the sink sends, half-closes, and says when it has. `choices` lists what there is for each layer, the default first; or it is `ANYTHING`.
 */
export async function run(start, choices) {
  let command;
  try {
    command = read(process.argv.slice(2), choices);
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
  const { address, action, layers } = command;
  if (action === undefined) {
    await listen(start, layers);
  } else {
    await dial(start, layers, address, action);
  }
}

/** Prints where the node listens, and serves until standard input ends. */
async function listen(start, layers) {
  // A dialer that goes away in the middle fails promises that the libraries hold on to; the others are still served.
  process.on('unhandledRejection', (error) => console.error(reason(error)));
  try {
    const node = await start(layers);
    console.log(node.address);
    process.stdin.resume();
    await once(process.stdin, 'end');
    process.exit(0);
  } catch (error) {
    console.error(reason(error));
    process.exit(1);
  }
}

/** Does one thing with the node at the address, and prints how it went. */
async function dial(start, layers, address, action) {
  const failed = (error) => report({ ok: false, error: reason(error) });
  process.on('uncaughtException', failed);
  setTimeout(() => failed(new Error(`not done after ${TIME_LIMIT / 1000} s`)), TIME_LIMIT);
  try {
    const node = await start(layers);
    const connection = await node.dial(address);
    await ACTIONS[action](connection);
    await connection.close();
    await node.stop();
    report({ ok: true, action });
  } catch (error) {
    failed(error);
  }
}

function report(outcome) {
  process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(outcome.ok ? 0 : 1));
}

/** The text of an error and of all that are behind it, in one line. */
function reason(error) {
  const inner = [...(error?.errors ?? []), error?.cause].filter(Boolean);
  return [error?.message ?? error, ...inner.map(reason)].join(': ').replace(/\s+/g, ' ');
}

/** What the command line asks for; throws when it makes no sense. */
function read(words, choices) {
  const options = Object.fromEntries(Object.keys(choices).map((layer) => [layer, { type: 'string' }]));
  const { positionals: [verb, ...rest], values } = parseArgs({ args: words, options, allowPositionals: true });
  const layers = Object.fromEntries(
    Object.entries(choices).map(([layer, known]) => [layer, one(layer, known, values[layer] ?? known?.[0])]),
  );
  if (verb === 'listen' && rest.length === 0) {
    return { layers };
  }
  if (verb === 'dial' && rest.length === 2) {
    const [address, action] = rest;
    // The transport follows from the address.
    return { address, action: one('action', Object.keys(ACTIONS), action), layers: { ...layers, transport: undefined } };
  }
  throw new Error('neither a listen nor a dial with an address and an action');
}

function one(what, known, name) {
  if (known !== ANYTHING && !known.includes(name)) {
    throw new Error(`no ${what} is called ${name}; there are: ${known.join(', ')}`);
  }
  return name;
}

/** The choices of an option that takes any text, and has no default. */
export const ANYTHING = null;

/** How long a dial and its action may take in all, in milliseconds. */
const TIME_LIMIT = 30_000;

const USAGE = `usage: listen|dial ADDRESS ${Object.keys(ACTIONS).join('|')}
       [--transport NAME] [--security NAME] [--muxer NAME] [--key-type NAME] [--swarm-key FILE]`;
