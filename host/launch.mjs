// How a bundled claw is started, by the bootstrap, by tests and by benchmarks alike.
import { join } from 'node:path';

/** The young generation stays small: an idle claw is what there are thousands of. */
const flags = ['--enable-source-maps', '--max-semi-space-size=2'];

/**
 * Arguments for Node, and the environment that goes with them.
 * @param {string} bundle
 * @param {readonly string[]} args
 */
export function launch(bundle, args) {
  return {
    args: [...flags, join(bundle, 'clay.mjs'), ...args],
    // One more malloc arena than the main thread's own is enough, and saves megabytes with glibc.
    env: { NODE_COMPILE_CACHE: join(bundle, 'compile-cache'), MALLOC_ARENA_MAX: '2' },
  };
}
