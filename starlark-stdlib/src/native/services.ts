import {
  repr,
  type StarlarkCallable,
  StarlarkDict,
  StarlarkError,
  StarlarkList,
  toStarlark,
  type Value,
} from 'starlark-js';
import type { Effects } from '../effects.ts';
import { toData } from '../to-data.ts';
import { callBack } from './call-back.ts';
import { asScriptError, hostCall } from './host-call.ts';

/** `kv_get` is `kv.get` to an author. */
const named: typeof hostCall = (signature, doc, body, shown) =>
  hostCall(signature, doc, body, shown ?? signature.slice(0, signature.indexOf('(')).replace('_', '.'));

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function call(effects: Effects, capability: string, args: Value): Promise<Value> {
  const data = toData(args, `the arguments of ${capability}`);
  try {
    return toStarlark(await effects.call(capability, data));
  } catch (error) {
    throw asScriptError(capability, error);
  }
}

/** What lets the modules reach the claw: its store, its files and the capabilities of plugins. */
export const serviceNatives: ReadonlyMap<string, Value> = new Map<string, Value>(
  [
    named('kv_get(key: str, default = None)', '', async (effects, key: string, fallback: Value | undefined) => {
      const value = await effects.getValue(key);
      return value === undefined ? (fallback ?? null) : toStarlark(value);
    }),
    named('kv_set(key: str, value) -> None', '', async (effects, key: string, value: Value) => {
      await effects.setValue(key, toData(value, 'kv.set: value'));
      return null;
    }),
    named('kv_delete(key: str) -> bool', '', (effects, key: string) => effects.deleteValue(key)),
    named(
      'kv_exclusive(key: str, function: Callable)',
      '',
      (effects, key: string, change: StarlarkCallable) => effects.exclusive(key, () => callBack('kv.update', change)),
      'kv.update',
    ),
    named('kv_keys(prefix: str) -> list', '', async (effects, prefix: string) => {
      return new StarlarkList([...(await effects.listKeys(prefix))]);
    }),
    named('files_list(path: str) -> list', '', async (effects, path: string) => {
      return new StarlarkList([...(await effects.listFiles(path))]);
    }),
    named('files_remove(path: str) -> bool', '', (effects, path: string) => effects.removeFile(path)),
    named('files_read(path: str, default = None)', '', async (effects, path: string, fallback: Value | undefined) => {
      try {
        return await effects.readFile(path);
      } catch (error) {
        if (fallback === undefined || codeOf(error) !== 'NOT_FOUND') throw error;
        return fallback;
      }
    }),
    named('files_exists(path: str) -> bool', '', async (effects, path: string) => {
      try {
        await effects.readFile(path);
        return true;
      } catch (error) {
        const code = codeOf(error);
        if (code === 'NOT_FOUND') return false;
        // There is one: it is too large to read, or no text.
        if (code === 'TOO_LARGE' || code === 'BAD_ARGUMENTS') return true;
        throw error;
      }
    }),
    named(
      'files_exclusive(path: str, function: Callable)',
      '',
      (effects, path: string, change: StarlarkCallable) =>
        effects.exclusive(`file:${path}`, () => callBack('files.update', change)),
      'files.update',
    ),
    named('files_write(path: str, text: str) -> int', '', (effects, path: string, text: string) =>
      effects.writeFile(path, text),
    ),
    named('call_capability(capability: str, args: dict)', '', call),
    named(
      'call_field(capability: str, args: dict, field: str)',
      '',
      async (effects, capability: string, args: Value, field: string) => {
        const result = await call(effects, capability, args);
        const value = result instanceof StarlarkDict ? result.get(field) : undefined;
        if (value !== undefined) return value;
        throw new StarlarkError(
          'VALUE',
          `${capability} gave ${repr(result)}, which has no "${field}"; in a test write testing.capability("${capability}", {"${field}": ...})`,
        );
      },
    ),
  ].map((each) => [each.name, each]),
);
