export { locate } from './location.ts';
export { type RunPluginOptions, runPlugin, sdkVersion } from './plugin-runtime.ts';
export { runInProcess } from './run-in-process.ts';
