import { withoutParentheses } from '../resolve/resolve.ts';
import type { Binary, Expression, Span } from '../syntax/ast.ts';
import { boxedText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { isIntegral, type StaticType } from './static-type.ts';

/** Shapes of expressions that have a shorter way than one operation after the other. */

interface Product {
  readonly factors: readonly [Expression, Expression];
  readonly addend: Expression | null;
}

/** `a * b` or `a * b + c`. */
function productOf(node: Expression): Product | null {
  const inner = withoutParentheses(node);
  if (inner.kind !== 'Binary') return null;
  if (inner.operator === '*') return { factors: [inner.left, inner.right], addend: null };
  if (inner.operator !== '+') return null;
  const left = withoutParentheses(inner.left);
  if (left.kind !== 'Binary' || left.operator !== '*') return null;
  return { factors: [left.left, left.right], addend: inner.right };
}

/**
 * `(a * b + c) % m`: the product of two ints that fit a double often does not, but its remainder can be had without
 * a large integer. Null when the expression is something else, or its operands cannot be ints.
 */
export function productModulo(writer: FunctionWriter, node: Binary): Code | null {
  if (node.operator !== '%' || !writer.hot) return null;
  const product = productOf(node.left);
  if (product === null) return null;
  const { factors, addend } = product;
  const parts = [...factors, ...(addend === null ? [] : [addend]), node.right];
  if (parts.some((part) => writer.program.resolution.withComprehension.has(part))) return null;
  const values = parts.map((part) => writer.expression(part));
  const modulus = values.at(-1)!;
  if (!values.every(({ type }) => mayBeInt(type))) return null;
  if (!isOrderHidden(values)) return null;
  const at: Span = { start: node.operatorStart, end: node.operatorStart + 1 };
  const texts = values.map((value) => boxedText(writer, value));
  if (addend === null) texts.splice(2, 0, '0');
  const helper = addend === null ? 'productModulo' : 'sumModulo';
  const allIntegral = values.every(({ type }) => isIntegral(type));
  const type: StaticType = allIntegral ? (modulus.type === 'int' ? 'int' : 'integer') : 'any';
  return code(`${writer.call(helper, at)}(${texts.join(',')})`, type);
}

/**
 * The helper gets all operands before it multiplies. It does not show when the product and the sum cannot fail, or
 * when nothing can fail that is evaluated after them.
 */
function isOrderHidden(values: readonly Code[]): boolean {
  const firstOpen = values.findIndex(({ type }) => !isIntegral(type));
  return firstOpen < 0 || values.slice(Math.max(firstOpen + 1, 2)).every(({ simple }) => simple);
}

function mayBeInt(type: StaticType): boolean {
  return type === 'any' || isIntegral(type);
}
