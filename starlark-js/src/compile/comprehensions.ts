import type { Comprehension, ComprehensionClause } from '../syntax/ast.ts';
import { boxedText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { loop } from './loops.ts';

/** Writes the loops of a comprehension as statements; its value is the variable that they fill. */
export function comprehension(writer: FunctionWriter, node: Comprehension): Code {
  const result = writer.temporary();
  const { body } = node;
  const isDict = 'key' in body;
  writer.emit(`${result}=${isDict ? `new ${writer.helper('Dict')}()` : '[]'};`);
  clauses(writer, node.clauses, 0, () => {
    if ('key' in body) {
      const [key, value] = writer.program.grammar
        .values(writer, [body.key, body.value])
        .map((part) => boxedText(writer, part));
      writer.emit(`${writer.call('setEntry', body.key)}(${result},${key},${value});`);
    } else {
      const value = boxedText(writer, writer.expression(body));
      writer.emit(`if((${result}.push(${value})&255)===0)${writer.call('charge', body)}(4096);`);
    }
  });
  if (isDict) return code(result, 'dict', true);
  const list = writer.temporary();
  writer.emit(`${list}=new ${writer.helper('List')}(${result});`);
  return code(list, 'list', true);
}

function clauses(
  writer: FunctionWriter,
  all: readonly ComprehensionClause[],
  index: number,
  innermost: () => void,
): void {
  const clause = all[index];
  if (clause === undefined) {
    innermost();
    return;
  }
  if (clause.kind === 'IfClause') {
    writer.emit(`if(${writer.program.grammar.condition(writer, clause.test)}){`);
    clauses(writer, all, index + 1, innermost);
    writer.emit('}');
    return;
  }
  loop(writer, clause.target, clause.iterable, () => clauses(writer, all, index + 1, innermost));
}
