import { renderInline } from './inline.ts';
import type { Token } from './lexer.ts';
import { hasTag, plainRun, type Run, tag } from './run.ts';
import { renderTable } from './table.ts';

/** A paragraph, a heading, a list: what is best kept together. */
export interface Block {
  readonly runs: readonly Run[];
  /** Headings stay with what follows them. */
  readonly isHeading: boolean;
}

/** Renders the blocks of a document; what shows nothing is left out. */
export function renderBlocks(tokens: readonly Token[]): Block[] {
  return tokens
    .map((token) => ({ runs: renderBlock(token), isHeading: token.type === 'heading' }))
    .filter(({ runs }) => runs.some(({ text }) => text !== ''));
}

function renderBlock(token: Token): readonly Run[] {
  switch (token.type) {
    case 'space':
    case 'def':
      return [];
    case 'heading':
      return renderInline(token.tokens ?? [], [tag('b')]);
    case 'code':
      return renderCode(token.text, token.lang);
    case 'blockquote':
      return renderQuote(token.tokens ?? []);
    case 'list':
      return renderList(token as List);
    case 'table':
      return renderTable({ header: token.header, rows: token.rows, align: token.align });
    case 'hr':
      return [plainRun('──────────')];
    case 'html':
      return [plainRun(String(token.text).trimEnd())];
    default:
      return renderInline([token]);
  }
}

function renderCode(text: string, language: string | undefined): readonly Run[] {
  const pre = tag('pre');
  const name = /^[\w+#.-]+/.exec(language ?? '')?.[0];
  return [{ text, tags: name === undefined ? [pre] : [pre, tag('code', ` class="language-${name}"`)] }];
}

/** Telegram knows no quote within a quote: the inner one joins the outer. */
function renderQuote(tokens: readonly Token[]): readonly Run[] {
  const quote = tag('blockquote');
  return joinBlocks(renderBlocks(tokens), '\n\n').map(({ text, tags }) => ({
    text,
    tags: [quote, ...tags.filter(({ name }) => name !== 'blockquote')],
  }));
}

interface List {
  readonly ordered: boolean;
  readonly start: number | '';
  readonly items: readonly { readonly tokens: readonly Token[] }[];
}

function renderList({ ordered, start, items }: List): readonly Run[] {
  return items.flatMap(({ tokens }, index) => {
    const marker = ordered ? `${Number(start) + index}. ` : '• ';
    const runs = joinBlocks(joinCheckbox(renderBlocks(tokens)), '\n');
    const startsBelow = runs[0] !== undefined && hasTag(runs[0].tags, 'pre');
    return [
      plainRun(`${index === 0 ? '' : '\n'}${startsBelow ? `${marker.trimEnd()}\n` : marker}`),
      ...indent(runs, ' '.repeat(marker.length)),
    ];
  });
}

/** In a tight list the box is a block of its own, before the text that it belongs to. */
function joinCheckbox(blocks: readonly Block[]): readonly Block[] {
  const [box, text, ...rest] = blocks;
  if (box === undefined || text === undefined || !/^[☑☐] $/.test(box.runs[0]?.text ?? '') || box.runs.length > 1)
    return blocks;
  return [{ runs: [...box.runs, ...text.runs], isHeading: false }, ...rest];
}

/** Moves every line but the first to the right, except in code, where each space counts. */
function indent(runs: readonly Run[], margin: string): readonly Run[] {
  return runs.map((run, index) => {
    if (hasTag(run.tags, 'pre')) return run;
    const text = run.text.replaceAll('\n', `\n${margin}`);
    const isBeforeCode = hasTag(runs[index + 1]?.tags ?? [], 'pre');
    return { ...run, text: isBeforeCode ? text.replace(/\n +$/, '\n') : text };
  });
}

function joinBlocks(blocks: readonly Block[], separator: string): readonly Run[] {
  return blocks.flatMap(({ runs }, index) => (index === 0 ? runs : [plainRun(separator), ...runs]));
}
