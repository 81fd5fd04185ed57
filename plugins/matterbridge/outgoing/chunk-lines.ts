/** IRC cuts longer lines with an ugly mark; other protocols take more, and lose nothing by less. */
const maxLineBytes = 400;

/** Breaks lines that are too long, between words where there are any, and never inside a grapheme. */
export function chunkLines(text: string, maxBytes = maxLineBytes): string {
  return text
    .split('\n')
    .flatMap((line) => breakLine(line, maxBytes))
    .join('\n');
}

function breakLine(line: string, maxBytes: number): readonly string[] {
  if (Buffer.byteLength(line) <= maxBytes) return [line];
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const lines: string[] = [];
  let current = '';
  let bytes = 0;
  for (const { segment } of graphemes.segment(line)) {
    const more = Buffer.byteLength(segment);
    if (bytes + more > maxBytes && current !== '') {
      const space = current.lastIndexOf(' ');
      const end = space > 0 ? space : current.length;
      lines.push(current.slice(0, end));
      current = current.slice(space > 0 ? end + 1 : end);
      bytes = Buffer.byteLength(current);
    }
    current += segment;
    bytes += more;
  }
  if (current !== '') lines.push(current);
  return lines;
}
