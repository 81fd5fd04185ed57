import type { DictLiteral, Expression } from '../syntax/ast.ts';
import { boxedText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';

/** `{key: value, …}`: an entry goes in before the next one is evaluated. */
export function dictDisplay(writer: FunctionWriter, node: DictLiteral): Code {
  const keys = literalKeys(node);
  if (keys === null) return entryByEntry(writer, node);
  if (keys.length === 0) return code(`new ${writer.helper('Dict')}()`, 'dict');
  if (keys.length <= 8 && keys.every((key) => typeof key === 'string')) {
    const values = boxedValues(
      writer,
      node.entries.map(({ value }) => value),
    );
    return code(`${writer.helper('recordOf')}(${writer.program.list(keys)},[${values.join(',')}])`, 'dict');
  }
  const parts = boxedValues(
    writer,
    node.entries.flatMap(({ key, value }) => [key, value]),
  );
  return code(`${writer.call('dictOf', node)}([${parts.join(',')}])`, 'dict');
}

/** The keys when all of them are different literals, so that it does not show when the entries go in. */
function literalKeys(node: DictLiteral): (string | number | bigint)[] | null {
  const keys = new Set<string | number | bigint>();
  for (const { key } of node.entries) if (key.kind === 'String' || key.kind === 'Int') keys.add(key.value);
  return keys.size === node.entries.length ? [...keys] : null;
}

function boxedValues(writer: FunctionWriter, nodes: readonly Expression[]): string[] {
  return writer.program.grammar.values(writer, nodes).map((value) => boxedText(writer, value));
}

function entryByEntry(writer: FunctionWriter, node: DictLiteral): Code {
  const { withComprehension } = writer.program.resolution;
  const dict = writer.temporary();
  let steps = [`${dict}=new ${writer.helper('Dict')}()`];
  for (const { key, value } of node.entries) {
    if (withComprehension.has(key) || withComprehension.has(value)) {
      for (const step of steps) writer.emit(`${step};`);
      steps = [];
    }
    const entry = boxedValues(writer, [key, value]);
    steps.push(`${writer.call('addEntry', key)}(${dict},${entry.join(',')})`);
  }
  return code(`(${[...steps, dict].join(',')})`, 'dict');
}
