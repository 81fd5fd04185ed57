const CONTEXT = 3;
/** Beyond this many pairs of lines a change is shown as one block. */
const MOST_PAIRS = 4_000_000;

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

/** The difference of two texts in the unified form; empty when they are equal. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const edits = editsOf(before.split('\n'), after.split('\n'));
  const out = [`--- ${name}`, `+++ ${name}`];
  let oldLine = 1;
  let newLine = 1;
  for (let index = 0; index < edits.length; ) {
    if (edits[index]?.sign === ' ') {
      oldLine++;
      newLine++;
      index++;
      continue;
    }
    const start = Math.max(0, index - CONTEXT);
    let end = index;
    for (let same = 0; end < edits.length && same <= 2 * CONTEXT; end++) same = edits[end]?.sign === ' ' ? same + 1 : 0;
    while (end > index && trailingSame(edits, end) > CONTEXT) end--;
    const hunk = edits.slice(start, end);
    const lead = index - start;
    const olds = hunk.filter(({ sign }) => sign !== '+').length;
    const news = hunk.filter(({ sign }) => sign !== '-').length;
    out.push(`@@ -${oldLine - lead},${olds} +${newLine - lead},${news} @@`);
    out.push(...hunk.map(({ sign, line }) => sign + line));
    oldLine += olds - lead;
    newLine += news - lead;
    index = end;
  }
  return `${out.join('\n')}\n`;
}

function trailingSame(edits: readonly Edit[], end: number): number {
  let count = 0;
  while (end - count > 0 && edits[end - count - 1]?.sign === ' ') count++;
  return count;
}

/** Keeps a longest common subsequence of lines. */
function editsOf(before: readonly string[], after: readonly string[]): Edit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const same = (line: string): Edit => ({ sign: ' ', line });
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

function middle(before: readonly string[], after: readonly string[]): Edit[] {
  const removed = before.map((line): Edit => ({ sign: '-', line }));
  const added = after.map((line): Edit => ({ sign: '+', line }));
  if (before.length * after.length > MOST_PAIRS || before.length === 0 || after.length === 0)
    return [...removed, ...added];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      edits.push({ sign: ' ', line: before[i] ?? '' });
      i++;
      j++;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
      edits.push(...removed.slice(i, ++i));
    else edits.push(...added.slice(j, ++j));
  }
  return [...edits, ...removed.slice(i), ...added.slice(j)];
}
