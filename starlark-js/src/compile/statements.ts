import type { If, Load, Return, Statement, While } from '../syntax/ast.ts';
import { assignStatement, augmentedAssign } from './assignment.ts';
import { boxed, boxedText } from './boxing.ts';
import { defStatement } from './definitions.ts';
import { condition } from './expressions.ts';
import type { FunctionWriter } from './function-writer.ts';
import { forStatement } from './loops.ts';
import { stringLiteral } from './names.ts';

/** Writes statements in order; false when the end of them is never reached. */
export function statements(writer: FunctionWriter, nodes: readonly Statement[]): boolean {
  writer.blocks++;
  let goesOn = true;
  for (const node of nodes) {
    writer.program.noteTopLevel(writer, node);
    goesOn = writer.scoped(() => statement(writer, node));
    if (!goesOn) break;
  }
  writer.blocks--;
  return goesOn;
}

function statement(writer: FunctionWriter, node: Statement): boolean {
  switch (node.kind) {
    case 'ExpressionStatement':
      if (node.expression.kind !== 'String') writer.emit(`${writer.expression(node.expression).text};`);
      return true;
    case 'Assign':
      assignStatement(writer, node);
      return true;
    case 'AugmentedAssign':
      augmentedAssign(writer, node);
      return true;
    case 'Def':
      defStatement(writer, node);
      return true;
    case 'If':
      return ifStatement(writer, node);
    case 'For':
      forStatement(writer, node);
      return true;
    case 'While':
      whileStatement(writer, node);
      return true;
    case 'Return':
      returnStatement(writer, node);
      return false;
    case 'Break':
      writer.emit('break;');
      return false;
    case 'Continue':
      writer.emit('continue;');
      return false;
    case 'Pass':
      return true;
    case 'Load':
      loadStatement(writer, node);
      return true;
  }
}

/** A variable has a value after the statement when it has one at the end of every branch that gets there. */
function ifStatement(writer: FunctionWriter, node: If): boolean {
  writer.emit(`if(${condition(writer, node.test)}){`);
  const before = writer.assigned;
  writer.assigned = new Set(before);
  const thenGoesOn = writer.statements(node.then);
  const afterThen = writer.assigned;
  writer.assigned = new Set(before);
  let otherwiseGoesOn = true;
  if (node.otherwise.length > 0) {
    writer.emit('}else{');
    otherwiseGoesOn = writer.statements(node.otherwise);
  }
  writer.emit('}');
  const afterOtherwise = writer.assigned;
  if (!thenGoesOn) writer.assigned = afterOtherwise;
  else if (!otherwiseGoesOn) writer.assigned = afterThen;
  else writer.assigned = new Set([...afterThen].filter((binding) => afterOtherwise.has(binding)));
  return thenGoesOn || otherwiseGoesOn;
}

function whileStatement(writer: FunctionWriter, node: While): void {
  const before = new Set(writer.assigned);
  writer.loops++;
  writer.emit('for(;;){');
  writer.emit(`if(!${condition(writer, node.test)})break;`);
  writer.emit(writer.program.countStep(writer, node.test));
  writer.statements(node.body);
  writer.emit('}');
  writer.loops--;
  writer.assigned = before;
}

function returnStatement(writer: FunctionWriter, node: Return): void {
  const value = node.value === null ? 'null' : boxedText(writer, boxed(writer, writer.expression(node.value)));
  writer.emit(writer.program.returnText(writer, value, node));
}

function loadStatement(writer: FunctionWriter, node: Load): void {
  const names = node.bindings.map(({ name }) => stringLiteral(name.value));
  const loaded = writer.temporary();
  writer.emit(
    `${loaded}=yield*${writer.call('loadNames', node)}(X,${stringLiteral(node.module.value)},[${names.join(',')}]);`,
  );
  for (const [index, { local }] of node.bindings.entries()) {
    const binding = writer.program.resolution.names.get(local)!;
    writer.emit(`${writer.variable(binding)}=${loaded}[${index}];`);
    writer.assigned.add(binding);
  }
}
