import { withoutParentheses } from '../resolve/resolve.ts';
import type { Call, Expression, For } from '../syntax/ast.ts';
import { assign } from './assignment.ts';
import { boxedText } from './boxing.ts';
import { code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { universalName } from './universal.ts';

/** A `for` statement. What its body assigns is not known to be assigned after it. */
export function forStatement(writer: FunctionWriter, node: For): void {
  const before = new Set(writer.assigned);
  loop(writer, node.target, node.iterable, () => {
    writer.statements(node.body);
  });
  writer.assigned = before;
}

/** Runs `body` for each element of an iterable: the one way in which all loops are written. */
export function loop(writer: FunctionWriter, target: Expression, iterable: Expression, body: () => void): void {
  const source = withoutParentheses(iterable);
  const names = withoutParentheses(target);
  const pair = names.kind === 'Tuple' && names.items.length === 2 ? names.items : null;
  if (source.kind === 'Call' && isPlainCall(source)) {
    const builtin = universalName(writer, source.callee);
    if (builtin === 'range' && source.arguments.length >= 1 && source.arguments.length <= 3) {
      rangeLoop(writer, target, source, body);
      return;
    }
    if (builtin === 'enumerate' && pair !== null && source.arguments.length === 1) {
      enumerateLoop(writer, pair, source, body);
      return;
    }
    // A method of a host value may wait, which only the general call can do.
    const isOwn = !writer.facts.suspends;
    if (isOwn && source.callee.kind === 'Dot' && source.callee.name.name === 'elems' && source.arguments.length === 0) {
      elementsLoop(writer, target, source, source.callee.object, body);
      return;
    }
    if (
      isOwn &&
      source.callee.kind === 'Dot' &&
      source.callee.name.name === 'items' &&
      pair !== null &&
      source.arguments.length === 0
    ) {
      itemsLoop(writer, pair, source, source.callee.object, body);
      return;
    }
  }
  plainLoop(writer, target, iterable, body);
}

function isPlainCall(node: Call): boolean {
  return node.arguments.every((argument) => argument.kind === 'Positional');
}

function body(writer: FunctionWriter, at: Expression, write: () => void): void {
  writer.emit(writer.program.countStep(writer, at));
  writer.loops++;
  writer.scoped(write);
  writer.loops--;
}

/** A list, dict or set is locked while the loop runs; `iterMore` gives what does not fit into one array. */
function plainLoop(writer: FunctionWriter, target: Expression, iterable: Expression, write: () => void): void {
  const id = writer.program.nextId();
  const value = writer.expression(iterable);
  const [x, a, i] = [`x${id}`, `a${id}`, `i${id}`];
  writer.emit(`const ${x}=${boxedText(writer, value)};let ${a}=${writer.call('iterStart', iterable)}(${x});try{`);
  writer.emit(`for(let ${i}=0;;${i}++){if(${i}>=${a}.length){`);
  if (value.type === 'list') writer.emit('break;}');
  else writer.emit(`if((${a}=${writer.helper('iterMore')}(${x},${a}))===null)break;${i}=0;}`);
  body(writer, iterable, () => {
    assign(writer, target, code(`${a}[${i}]`), target);
    write();
  });
  writer.emit(`}}finally{${writer.helper('iterEnd')}(${x});}`);
}

/** Counts without making a range. */
function rangeLoop(writer: FunctionWriter, target: Expression, source: Call, write: () => void): void {
  const at = { start: source.parenthesis, end: source.end, builtin: 'range' };
  const id = writer.program.nextId();
  const given = source.arguments.map(({ value }) => value);
  const literal = given[2] === undefined ? 1 : signedLiteral(given[2]);
  const bounds = writer.program.grammar
    .values(writer, literal === null || literal === 0 ? given : given.slice(0, 2))
    .map((bound, index) => {
      if (bound.type === 'int' && index < 2) return bound.text;
      return `${writer.call('rangeBound', at)}(${boxedText(writer, bound)},${index + 1})`;
    });
  const start = bounds.length === 1 ? '0' : bounds[0]!;
  const stop = bounds.length === 1 ? bounds[0]! : bounds[1]!;
  const [i, end, by] = [`i${id}`, `e${id}`, `s${id}`];
  let [declared, test, advance] = ['', `${i}<${end}`, `${i}++`];
  if (bounds.length === 3) {
    declared = `,${by}=${bounds[2]}`;
    test = `${by}>0?${i}<${end}:${i}>${end}`;
    advance = `${i}+=${by}`;
  } else if (literal !== 1) {
    test = literal! > 0 ? test : `${i}>${end}`;
    advance = `${i}+=${literal}`;
  }
  writer.emit(`for(let ${i}=${start},${end}=${stop}${declared};${test};${advance}){`);
  body(writer, source, () => {
    assign(writer, target, code(i, 'int', true), target);
    write();
  });
  writer.emit('}');
}

function signedLiteral(node: Expression): number | null {
  const inner = withoutParentheses(node);
  if (inner.kind === 'Int' && typeof inner.value === 'number') return inner.value;
  if (inner.kind !== 'Unary' || inner.operator !== '-') return null;
  const value = signedLiteral(inner.operand);
  return value === null ? null : -value;
}

/** `for c in s.elems()` without the view. */
function elementsLoop(
  writer: FunctionWriter,
  target: Expression,
  source: Call,
  object: Expression,
  write: () => void,
): void {
  const id = writer.program.nextId();
  const value = boxedText(writer, writer.expression(object));
  const [a, i] = [`a${id}`, `i${id}`];
  writer.emit(`const ${a}=${writer.call('elements', source)}(${value});`);
  writer.emit(`for(let ${i}=0;${i}<${a}.length;${i}++){`);
  body(writer, source, () => {
    assign(writer, target, code(`${a}[${i}]`), target);
    write();
  });
  writer.emit('}');
}

/** `for i, x in enumerate(xs)` without the pairs. `enumerate` copies, so nothing is locked. */
function enumerateLoop(writer: FunctionWriter, pair: readonly Expression[], source: Call, write: () => void): void {
  const id = writer.program.nextId();
  const value = boxedText(writer, writer.expression(source.arguments[0]!.value));
  const [a, i] = [`a${id}`, `i${id}`];
  writer.emit(`const ${a}=${writer.call('snapshot', source)}(${value},"enumerate");`);
  writer.emit(`for(let ${i}=0;${i}<${a}.length;${i}++){`);
  body(writer, source, () => {
    assign(writer, pair[0]!, code(i, 'int', true), pair[0]!);
    assign(writer, pair[1]!, code(`${a}[${i}]`), pair[1]!);
    write();
  });
  writer.emit('}');
}

/** `for k, v in d.items()` without the pairs. `items` copies, so nothing is locked. */
function itemsLoop(
  writer: FunctionWriter,
  pair: readonly Expression[],
  source: Call,
  object: Expression,
  write: () => void,
): void {
  const id = writer.program.nextId();
  const value = boxedText(writer, writer.expression(object));
  const [a, i] = [`a${id}`, `i${id}`];
  writer.emit(`const ${a}=${writer.call('itemPairs', source)}(${value});`);
  writer.emit(`for(let ${i}=0;${i}<${a}.length;${i}+=2){`);
  body(writer, source, () => {
    assign(writer, pair[0]!, code(`${a}[${i}]`), pair[0]!);
    assign(writer, pair[1]!, code(`${a}[${i}+1]`), pair[1]!);
    write();
  });
  writer.emit('}');
}
