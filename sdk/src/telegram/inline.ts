import { decodeEntities } from './entities.ts';
import type { Token } from './lexer.ts';
import { hasTag, type Run, type Tag, tag } from './run.ts';

/** Addresses that Telegram makes a link of. */
const linkable = /^(https?:\/\/|mailto:|tg:\/\/|tel:)\S+$/i;

/** Renders what stands within a line. `tags` are those around it. */
export function renderInline(tokens: readonly Token[], tags: readonly Tag[] = []): Run[] {
  return tokens.flatMap((token) => renderToken(token, tags));
}

function renderToken(token: Token, tags: readonly Tag[]): Run[] {
  switch (token.type) {
    case 'strong':
      return renderInline(token.tokens ?? [], within(tags, 'b'));
    case 'em':
      return renderInline(token.tokens ?? [], within(tags, 'i'));
    case 'del':
      return renderInline(token.tokens ?? [], within(tags, 's'));
    case 'codespan':
      // Telegram allows code within links and quotes only.
      return [{ text: token.text, tags: [...tags.filter(({ name }) => name === 'a'), tag('code')] }];
    case 'br':
      return [{ text: '\n', tags }];
    case 'checkbox':
      return [{ text: token.checked ? '☑ ' : '☐ ', tags }];
    case 'link':
      return renderLink(token.href, renderInline(token.tokens ?? [], []), tags);
    case 'image':
      return renderLink(token.href, [{ text: `🖼 ${decodeEntities(token.text) || 'image'}`, tags: [] }], tags);
    case 'html':
      return [{ text: /^<br\s*\/?>$/i.test(token.text) ? '\n' : token.text, tags }];
    case 'escape':
      return [{ text: token.text, tags }];
    default:
      if ('tokens' in token && token.tokens) return renderInline(token.tokens, tags);
      return [{ text: decodeEntities('text' in token ? String(token.text) : token.raw), tags }];
  }
}

/** A label that Telegram can link is linked; otherwise the address stands behind it, so that nothing is lost. */
function renderLink(address: string, label: readonly Run[], tags: readonly Tag[]): Run[] {
  const text = label.map((run) => run.text).join('');
  const around = (run: Run, outer: readonly Tag[]): Run => ({
    text: run.text,
    tags: hasTag(run.tags, 'code')
      ? [...outer.filter(({ name }) => name === 'a'), ...run.tags]
      : [...outer, ...run.tags.filter(({ name }) => !hasTag(outer, name))],
  });
  const plain = label.map((run) => around(run, tags));
  const href = decodeEntities(address);
  if (text === href || `mailto:${text}` === href || hasTag(tags, 'a')) return plain;
  if (!linkable.test(href) || text.trim() === '') return [...plain, { text: ` (${href})`, tags }];
  const link = tag('a', ` href="${attributeOf(href)}"`);
  return label.map((run) => around(run, [...tags, link]));
}

function attributeOf(href: string): string {
  return href.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('"', '%22');
}

function within(tags: readonly Tag[], name: 'b' | 'i' | 's'): readonly Tag[] {
  return hasTag(tags, name) ? tags : [...tags, tag(name)];
}
