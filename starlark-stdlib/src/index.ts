/** The public door of the package. */
export {
  type Data,
  EffectRefused,
  type Effects,
  refusedEffects,
  type WebRequest,
  type WebResponse,
} from './effects.ts';
export { FakeHost } from './fake-host.ts';
export { isModuleLabel, loadModule, moduleLabels } from './library.ts';
export { asScriptError, hostCall } from './native/host-call.ts';
export { currentRun, type Run, withRun } from './run.ts';
export { helloSource, moduleSource } from './texts.ts';
export { toData } from './to-data.ts';
