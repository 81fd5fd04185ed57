import { type Block, renderBlocks } from './blocks.ts';
import { readMarkdown } from './lexer.ts';
import { plainRun, type Run, textOf } from './run.ts';

/** More than this is no answer but a file: it goes as it is. In characters. */
const longestMarkdown = 400_000;

/** A whole answer, rendered and not yet cut. */
export interface RenderedDocument {
  readonly runs: readonly Run[];
  /** Offsets in the text where a new part may well begin. */
  readonly blockStarts: ReadonlySet<number>;
  readonly format: 'html' | 'plain';
}

export function readDocument(markdown: string): RenderedDocument {
  const clean = withoutControls(markdown);
  const blocks = clean.length > longestMarkdown ? null : tryRender(clean);
  if (blocks === null) return { runs: [plainRun(clean)], blockStarts: new Set(), format: 'plain' };
  return { ...assemble(blocks), format: 'html' };
}

/** Null when it is not to be rendered: nested deeper than the stack, or of nothing that shows. */
function tryRender(markdown: string): readonly Block[] | null {
  try {
    const blocks = renderBlocks(readMarkdown(markdown));
    return blocks.length === 0 ? null : blocks;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function assemble(blocks: readonly Block[]): Pick<RenderedDocument, 'runs' | 'blockStarts'> {
  const runs: Run[] = [];
  const blockStarts = new Set<number>();
  let length = 0;
  for (const [index, block] of blocks.entries()) {
    if (index > 0) {
      runs.push(plainRun('\n\n'));
      length += 2;
      if (!blocks[index - 1]?.isHeading) blockStarts.add(length);
    }
    runs.push(...block.runs);
    length += textOf(block.runs).length;
  }
  return { runs, blockStarts };
}

/** What Telegram refuses (half a surrogate pair) or silently takes away. */
function withoutControls(markdown: string): string {
  return markdown
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '');
}
