const tagNames = ['b', 'i', 's', 'u', 'a', 'code', 'pre', 'blockquote'] as const;
type TagName = (typeof tagNames)[number];

/** Formatting of a stretch of text; offsets in UTF-16 units. */
export interface TelegramEntity {
  readonly type: TagName;
  readonly offset: number;
  readonly length: number;
  /** Of a link. */
  readonly href?: string;
  /** Of code. */
  readonly language?: string;
}

/** A message as Telegram understands it. */
export interface TelegramText {
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
}

interface OpenTag {
  readonly name: TagName;
  readonly offset: number;
  readonly extra: { readonly href?: string; readonly language?: string };
}

const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
const token = /<(\/?)([a-z]+)((?: [a-z]+(?:="[^"<>]*")?)*)>|&(lt|gt|amp|quot|#\d{1,7});|[^<>&]+/y;

/**
 * Reads Telegram HTML, more strictly than Telegram does: tags that it knows, closed in their order, nested as it allows
 * (nothing within code, no quote within a quote), and no bare `<`, `>` or `&`.
 *
 * @throws SyntaxError that says what is wrong and where
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { parseTelegramHtml } from '@clay/sdk/telegram';
 *
 * assert.deepEqual(parseTelegramHtml('1 &lt; <b>2</b>'), { text: '1 < 2', entities: [{ type: 'b', offset: 4, length: 1 }] });
 * assert.throws(() => parseTelegramHtml('<b>2'), /the tag "b" at offset 0 is not closed/);
 * ```
 */
export function parseTelegramHtml(html: string): TelegramText {
  const open: OpenTag[] = [];
  const entities: TelegramEntity[] = [];
  let text = '';
  for (let at = 0; at < html.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(html);
    if (match === null) throw new SyntaxError(`can't parse entities: unexpected "${html[at]}" at offset ${at}`);
    const [whole, slash, name, attributes, character] = match;
    if (character !== undefined) text += characters[character] ?? String.fromCodePoint(Number(character.slice(1)));
    else if (name === undefined) text += whole;
    else if (slash === '/') entities.push(close(open, name, at, text.length));
    else open.push(begin(open, name, attributes ?? '', at, text.length));
  }
  const left = open.at(-1);
  if (left !== undefined)
    throw new SyntaxError(`can't parse entities: the tag "${left.name}" at offset ${left.offset} is not closed`);
  return { text, entities: entities.filter(({ length }) => length > 0) };
}

function begin(open: readonly OpenTag[], name: string, attributes: string, at: number, offset: number): OpenTag {
  const known = tagNames.find((one) => one === name);
  if (known === undefined)
    throw new SyntaxError(`can't parse entities: unsupported start tag "${name}" at offset ${at}`);
  const around = open.map((one) => one.name);
  const isLanguage = known === 'code' && around.at(-1) === 'pre' && attributes !== '';
  const isWithinCode = around.includes('code') || (around.includes('pre') && !isLanguage);
  const isStyledCode = (known === 'code' || known === 'pre') && around.some((one) => /^[bisu]$/.test(one));
  if (isWithinCode || isStyledCode || around.includes(known))
    throw new SyntaxError(`can't parse entities: "${known}" at offset ${at} cannot be nested in ${around.join(', ')}`);
  const [, key, value = ''] = /^ ([a-z]+)="(.*)"$/.exec(attributes) ?? [];
  if (known === 'a' && key === 'href') return { name: known, offset, extra: { href: value.replaceAll('&amp;', '&') } };
  if (isLanguage && key === 'class' && value.startsWith('language-'))
    return { name: known, offset, extra: { language: value.slice('language-'.length) } };
  if (known === 'a' || attributes !== '')
    throw new SyntaxError(
      `can't parse entities: "${known}" at offset ${at} has wrong attributes:${attributes || ' none'}`,
    );
  return { name: known, offset, extra: {} };
}

function close(open: OpenTag[], name: string, at: number, end: number): TelegramEntity {
  const last = open.pop();
  if (last === undefined || last.name !== name)
    throw new SyntaxError(`can't parse entities: unmatched end tag "${name}" at offset ${at}`);
  return { type: last.name, offset: last.offset, length: end - last.offset, ...last.extra };
}
