import type { Expression } from '../syntax/ast.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';

/** The names of the universe that are literals, and so are no constants of the program. */
export const keywords: ReadonlyMap<string, Code> = new Map([
  ['None', code('null', 'none', true)],
  ['True', code('true', 'bool', true)],
  ['False', code('false', 'bool', true)],
]);

/** The name of a universal function that a callee certainly is. */
export function universalName(writer: FunctionWriter, callee: Expression): string | null {
  if (callee.kind !== 'Name' || keywords.has(callee.name)) return null;
  return writer.program.resolution.names.get(callee)?.scope === 'universe' ? callee.name : null;
}
