// A js-libp2p 0.29 node, of the year 2020, that listens or dials, so that Peerloom can be tested against it.

import './without-builds.mjs';

import { run } from '../js-program/program.mjs';
import { LAYERS, start } from './node.mjs';

await run(start, LAYERS);
