// A js-libp2p 3.3 node that listens or dials, so that Peerloom can be tested against it.

import './newer-node.mjs';

import { run } from '../js-program/program.mjs';
import { LAYERS, start } from './node.mjs';

await run(start, LAYERS);
