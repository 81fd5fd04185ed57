import { StarlarkList, type Value } from '../index.ts';
import { standardModules } from '../modules/index.ts';

/** What every program of the command line finds by name: the standard modules, and `args`, the words after `--`. */
export function surroundings(programArguments: readonly string[]): Map<string, Value> {
  return new Map<string, Value>([...standardModules(), ['args', new StarlarkList([...programArguments])]]);
}
