/** What a lane needs of scripts. */
export { inspectScript } from './inspect-script.ts';
export { manifestOf } from './manifest-of.ts';
export { scriptPlugin } from './script-plugin.ts';
export { universe } from './universe.ts';
