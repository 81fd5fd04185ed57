import type { Binding, FunctionScope } from '../resolve/binding.ts';
import { withoutParentheses } from '../resolve/resolve.ts';
import type { Call, Dot, Expression, Span } from '../syntax/ast.ts';
import { boxed } from './boxing.ts';
import { likelyMethodCall, universalCall, type Written } from './builtin-calls.ts';
import { matchArguments, type Slot } from './call-match.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { intrinsic } from './intrinsics.ts';
import { defaultName, functionName, stringLiteral } from './names.ts';
import { builtinResults, methodResults } from './static-type.ts';
import { universalName } from './universal.ts';

/** `callee(arguments)`. */
export function call(writer: FunctionWriter, node: Call): Code {
  const callee = withoutParentheses(node.callee);
  const span: Span = { start: node.parenthesis, end: node.end };
  if (callee.kind === 'Dot') return methodCall(writer, node, callee, span);
  const universal = universalName(writer, callee);
  if (universal !== null) {
    const [, written] = writeArguments(writer, null, node);
    const place = { ...span, builtin: universal };
    const special = intrinsic(writer, universal, written, place);
    if (special !== null) return special;
    const text =
      universalCall(writer, writer.program.universalValue(universal), written, place) ??
      dynamicCall(writer, writer.program.universe(universal), written, place, false);
    return code(text, builtinResults.get(universal) ?? 'any');
  }
  const target = directTarget(writer, callee);
  if (target !== null) {
    const direct = directCall(writer, node, target, span);
    if (direct !== null) return direct;
  }
  const [object, written] = writeArguments(writer, callee, node);
  return code(dynamicCall(writer, object!.text, written, span, true));
}

/** Writes the callee, if any, and the arguments. */
function writeArguments(writer: FunctionWriter, callee: Expression | null, node: Call): [Code | null, Written] {
  const expressions = node.arguments.map(({ value }) => value);
  const written = writer.program.grammar
    .values(writer, callee === null ? expressions : [callee, ...expressions])
    .map((value) => boxed(writer, value));
  const object = callee === null ? null : written.shift()!;
  const positional: Code[] = [];
  const named: { name: string; value: Code }[] = [];
  let args: Code | null = null;
  let kwargs: Code | null = null;
  for (const [index, argument] of node.arguments.entries()) {
    const value = written[index]!;
    if (argument.kind === 'Positional') positional.push(value);
    else if (argument.kind === 'Named') named.push({ name: argument.name.name, value });
    else if (argument.kind === 'Args') args = value;
    else kwargs = value;
  }
  return [object, { positional, named, args, kwargs }];
}

function listText(values: readonly Code[]): string {
  return `[${values.map(({ text }) => text).join(',')}]`;
}

function namedText(written: Written): string {
  return `[${written.named.map(({ name, value }) => `[${stringLiteral(name)},${value.text}]`).join(',')}]`;
}

/** Calls whatever a value turns out to be. In a generator the callee may wait for the host. */
function dynamicCall(writer: FunctionWriter, callee: string, written: Written, at: Span, mayWait: boolean): string {
  const waits = mayWait && writer.facts.suspends;
  const prefix = waits ? 'start' : 'call';
  const { positional, named, args, kwargs } = written;
  let text: string;
  if (args !== null || kwargs !== null) {
    const rest = `${args?.text ?? 'undefined'},${kwargs?.text ?? 'undefined'}`;
    text = `${writer.call(`${prefix}Spread`, at)}(${callee},${listText(positional)},${namedText(written)},${rest})`;
  } else if (named.length > 0) {
    text = `${writer.call(`${prefix}Named`, at)}(${callee},${listText(positional)},${namedText(written)})`;
  } else if (positional.length <= 3) {
    const parts = [callee, ...positional.map((value) => value.text)].join(',');
    text = `${writer.call(`${prefix}${positional.length}`, at)}(${parts})`;
  } else text = `${writer.call(`${prefix}Many`, at)}(${callee},${listText(positional)})`;
  return waits ? wait(writer, text, at) : text;
}

/** Hands a suspension up to the driver, and goes on with what it brings back. */
function wait(writer: FunctionWriter, text: string, at: Span): string {
  const t = writer.temporary();
  return `((${t}=${text}) instanceof ${writer.helper('Suspension')}?yield*${writer.call('resume', at)}(${t}):${t})`;
}

function methodCall(writer: FunctionWriter, node: Call, callee: Dot, at: Span): Code {
  const [object, written] = writeArguments(writer, callee.object, node);
  const name = stringLiteral(callee.name.name);
  const waits = writer.facts.suspends;
  const prefix = waits ? 'startMethod' : 'method';
  const { positional, named, args, kwargs } = written;
  const place = { start: callee.name.start - 1, end: at.end, builtin: callee.name.name };
  const type = methodResults.get(`${object!.type}.${callee.name.name}`) ?? 'any';
  const isShort = named.length === 0 && args === null && kwargs === null && positional.length <= 2;
  const special = isShort ? fastMethod(writer, callee.name.name, object!, positional, place) : null;
  if (special !== null && !waits) return code(special, type);
  const general = (receiver: string): string => {
    const parts = [receiver, name, ...positional.map((value) => value.text)].join(',');
    const rest = `${args?.text ?? 'undefined'},${kwargs?.text ?? 'undefined'}`;
    const text = isShort
      ? `${writer.call(`${prefix}${positional.length}`, place)}(${parts})`
      : `${writer.call(`${prefix}Many`, place)}(${receiver},${name},${listText(positional)},${namedText(written)},${rest})`;
    return waits ? wait(writer, text, place) : text;
  };
  const likely = likelyMethodCall(writer, callee.name.name, object!, written, place, general);
  return code(likely ?? general(object!.text), type);
}

/** Methods that programs call in their innermost loops have helpers that look at the likely receiver first. */
function fastMethod(
  writer: FunctionWriter,
  name: string,
  object: Code,
  positional: readonly Code[],
  at: Span,
): string | null {
  const helper = fastMethods.get(`${name}/${positional.length}`);
  if (helper === undefined || (object.type === 'string' && !stringFast.has(name))) return null;
  return `${writer.call(helper, at)}(${[object, ...positional].map(({ text }) => text).join(',')})`;
}

const stringFast: ReadonlySet<string> = new Set();
const fastMethods: ReadonlyMap<string, string> = new Map([
  ['append/1', 'append'],
  ['get/1', 'get1'],
  ['get/2', 'get2'],
]);

/** The function that a callee certainly is, once its `def` was executed. */
function directTarget(writer: FunctionWriter, callee: Expression): Binding | null {
  if (callee.kind !== 'Name') return null;
  const binding = writer.program.resolution.names.get(callee)!;
  return binding.soleDef === null ? null : binding;
}

/** Calls the JavaScript function itself, with every argument in its place; null when the arguments do not fit. */
function directCall(writer: FunctionWriter, node: Call, binding: Binding, at: Span): Code | null {
  const def = binding.soleDef!;
  const { program } = writer;
  const scope = program.resolution.functions.get(def)!;
  const match = matchArguments(def, node);
  if (match === null) return null;
  const values = program.grammar
    .values(
      writer,
      node.arguments.map(({ value }) => value),
    )
    .map((value) => boxed(writer, value));
  const inOrder = match.order.every((place, index) => place === index);
  let before = '';
  const texts = values.map((value) => {
    if (inOrder || value.simple) return value.text;
    const name = writer.temporary();
    before += `${name}=${value.text},`;
    return name;
  });
  const parts = match.slots.map((slot, index) => slotText(writer, scope, slot, index, texts));
  let text = `${writer.mark(at)}${functionName(scope)}(${parts.join(',')})`;
  if (program.facts.get(scope)!.suspends) text = `(yield*${text})`;
  if (before !== '') text = `(${before}${text})`;
  if (writer.isAssigned(binding)) return code(text);
  const name = writer.variable(binding);
  const kind = stringLiteral(binding.scope === 'global' ? 'global' : 'local');
  const check = `${writer.call('unassigned', node.callee)}(${kind},${stringLiteral(binding.name)})`;
  return code(`(${name}===undefined?${check}:${text})`);
}

/** What a direct call passes for one parameter. */
function slotText(
  writer: FunctionWriter,
  scope: FunctionScope,
  slot: Slot,
  parameter: number,
  texts: readonly string[],
): string {
  switch (slot.kind) {
    case 'argument':
      return texts[slot.index]!;
    case 'default':
      return defaultName(scope, parameter);
    case 'args':
      if (slot.indices.length === 0) return writer.helper('emptyTuple');
      return `new ${writer.helper('Tuple')}([${slot.indices.map((index) => texts[index]!).join(',')}])`;
    case 'kwargs': {
      if (slot.entries.length === 0) return `new ${writer.helper('Dict')}()`;
      const entries = slot.entries.map(({ name, index }) => `${stringLiteral(name)},${texts[index]!}`);
      return `${writer.helper('dictOf')}([${entries.join(',')}])`;
    }
  }
}
