// How a bundled claw is started, by the bootstrap, by tests and by benchmarks alike.
import { join } from 'node:path';

/**
 * The young generation stays small: an idle claw is what there are thousands of. The medic asks a host that spins where
 * it is, by the inspector that SIGUSR1 opens: on a port that nobody knows, under a name that only the medic reads.
 */
const flags = [
  '--enable-source-maps',
  '--max-semi-space-size=2',
  '--inspect-port=127.0.0.1:0',
  '--inspect-publish-uid=stderr',
  '--report-exclude-network',
  // What libraries try of Node is nothing that an operator could act on.
  '--disable-warning=ExperimentalWarning',
];

/** The medic holds a few strings, whatever happens to its host, and has too little to do for compiled code to pay. */
const medicFlags = ['--max-old-space-size=32', '--max-semi-space-size=1', '--no-opt', '--no-maglev', '--no-sparkplug'];

/** What a host is started in, whatever it runs; one more malloc arena than the main thread's own is enough, and saves megabytes with glibc. */
export const surroundings = { flags, env: { MALLOC_ARENA_MAX: '2' } };

/**
 * Arguments for Node, and the environment that goes with them.
 * @param {string} bundle
 * @param {readonly string[]} args
 */
export function launch(bundle, args) {
  return {
    args: [...flags, join(bundle, 'clay.mjs'), ...args],
    env: { NODE_COMPILE_CACHE: join(bundle, 'compile-cache'), ...surroundings.env },
  };
}

/**
 * The same under a medic, which starts it again when it dies.
 * @param {string} node
 * @param {string} bundle
 * @param {readonly string[]} args
 */
export function supervise(node, bundle, args) {
  const host = launch(bundle, args);
  return { args: [...medicFlags, join(bundle, 'medic.mjs'), node, ...host.args], env: host.env };
}
