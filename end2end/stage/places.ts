/** Where things are. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Tests take the quick build; measurements set this to `release`. */
const profile = process.env.STARBOARD_PROFILE ?? 'debug';
export const binary = join(process.env.CARGO_TARGET_DIR ?? join(repository, 'target'), profile, 'starboard');
/** Screenshots are kept here after the run. */
export const output = join(repository, 'end2end/output');
