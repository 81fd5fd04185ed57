import { cutMiddle } from '../contents/cut-text.ts';
import type { Part } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';

/** Characters of one entry; longer ones are cut in the middle. The events themselves stay whole in the database. */
const maxEntryLength = 6_000;

/** What happened, for a reader who was not there: texts, tool calls and results, in pieces of at most `pieceLength`. */
export function transcript(events: readonly LiveEvent[], pieceLength: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const entry of events.filter(({ isolationScope }) => isolationScope === undefined).flatMap(entries)) {
    if (piece !== '' && piece.length + entry.length > pieceLength) {
      pieces.push(piece);
      piece = '';
    }
    piece += `${entry}\n`;
  }
  return piece === '' ? pieces : [...pieces, piece];
}

function entries(event: LiveEvent): string[] {
  return (event.content?.parts ?? []).flatMap((part) => entry(part, event.author ?? 'agent') ?? []);
}

function entry(part: Part, author: string): string | undefined {
  if (part.thought) return undefined;
  if (part.text?.trim()) return `[${author}]: ${cut(part.text)}`;
  if (part.functionCall) {
    return `[${author}] called ${part.functionCall.name}(${cut(JSON.stringify(part.functionCall.args ?? {}))})`;
  }
  if (part.functionResponse) {
    return `[${part.functionResponse.name}] answered: ${cut(JSON.stringify(part.functionResponse.response ?? {}))}`;
  }
  const file = part.inlineData ?? part.fileData;
  return file && `[${author}] attached ${file.displayName ?? 'a file'} (${file.mimeType ?? 'unknown type'})`;
}

function cut(text: string): string {
  return cutMiddle(text, maxEntryLength, (left) => ` … [${left} characters] … `);
}
