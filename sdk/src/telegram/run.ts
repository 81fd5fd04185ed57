/** One Telegram HTML tag around text. Two runs are in the same element when they share the same object. */
export interface Tag {
  readonly name: 'b' | 'i' | 's' | 'u' | 'a' | 'code' | 'pre' | 'blockquote';
  /** As it stands behind the name, with its space: ` href="https://example.com"`. */
  readonly attributes: string;
}

/** Text within its tags, the outermost first. A rendered document is a list of these, so that it can be cut anywhere. */
export interface Run {
  readonly text: string;
  readonly tags: readonly Tag[];
}

export function tag(name: Tag['name'], attributes = ''): Tag {
  return { name, attributes };
}

export function plainRun(text: string): Run {
  return { text, tags: [] };
}

export function hasTag(tags: readonly Tag[], name: Tag['name']): boolean {
  return tags.some((one) => one.name === name);
}

export function textOf(runs: readonly Run[]): string {
  return runs.map(({ text }) => text).join('');
}

/** The runs as Telegram HTML: tags open late, close early and never cross. */
export function toHtml(runs: readonly Run[]): string {
  let html = '';
  let open: readonly Tag[] = [];
  for (const { text, tags } of runs) {
    if (text === '') continue;
    const shared = sharedDepth(open, tags);
    html += closing(open.slice(shared)) + tags.slice(shared).map(opening).join('') + escapeHtml(text);
    open = tags;
  }
  return html + closing(open);
}

/** How many tags two neighbours share: what the second opens beyond these is new. */
export function sharedDepth(before: readonly Tag[], after: readonly Tag[]): number {
  let depth = 0;
  while (depth < before.length && before[depth] === after[depth]) depth++;
  return depth;
}

/** Escapes text for Telegram HTML, which knows `&lt;`, `&gt;` and `&amp;`. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const opening = ({ name, attributes }: Tag) => `<${name}${attributes}>`;
const closing = (tags: readonly Tag[]) =>
  tags
    .map(({ name }) => `</${name}>`)
    .reverse()
    .join('');
