import { ClayError } from '@clay/sdk';
import type { Operation } from './operation.ts';

const maxFound = 5;
/** Of one word of the query, by where it stands. */
const weights = { id: 3, summary: 2, description: 1 } as const;

/** The operations that hold words of the query, the best first, five at most. */
export function findOperations(
  list: readonly Operation[],
  query: string,
  category: string | undefined,
): readonly Operation[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return list
    .filter((one) => category === undefined || one.category === category)
    .map((operation) => ({ operation, score: words.reduce((sum, word) => sum + scoreOf(operation, word), 0) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.operation.id < b.operation.id ? -1 : 1))
    .slice(0, maxFound)
    .map(({ operation }) => operation);
}

function scoreOf(operation: Operation, word: string): number {
  return (['id', 'summary', 'description'] as const)
    .filter((field) => operation[field].toLowerCase().includes(word))
    .reduce((sum, field) => sum + weights[field], 0);
}

/** By its id; by its name alone where only one has it, whatever category it was said to be in. */
export function operationNamed(list: readonly Operation[], tool: string): Operation {
  const exact = list.find(({ id }) => id === tool);
  if (exact !== undefined) return exact;
  const name = nameOf(tool.replaceAll('-', '_'));
  const named = list.filter(({ id }) => nameOf(id) === name);
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  const near = (named.length > 0 ? named : findOperations(list, tool.replaceAll(/[._-]/g, ' '), undefined)).map(
    ({ id }) => id,
  );
  const hint = near.length === 0 ? 'Look for one with platform_search.' : `Near to it: ${near.join(', ')}.`;
  throw new ClayError('NOT_FOUND', `The platform has no tool ${JSON.stringify(tool)}. ${hint}`);
}

function nameOf(id: string): string {
  return id.slice(id.indexOf('.') + 1);
}
