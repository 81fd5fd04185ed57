import { ClayError } from '@clay/sdk';

const maxLinesNamed = 10;

export interface Edit {
  readonly oldText: string;
  readonly newText: string;
  /** Replace every match. */
  readonly all: boolean;
}

export interface Edited {
  readonly text: string;
  readonly replaced: number;
}

/** Replaces a text that stands in a file exactly once, or everywhere when asked to. `shown` names the file in errors. */
export function editText(text: string, edit: Edit, shown: string): Edited {
  if (edit.oldText === '')
    throw new ClayError('BAD_ARGUMENTS', 'old_text is empty: give the text to replace, or use write.');
  if (edit.oldText === edit.newText) throw new ClayError('BAD_ARGUMENTS', 'old_text and new_text are the same.');
  const { oldText, newText } = matchLineEnds(text, edit);
  const places = placesOf(text, oldText);
  if (places.length === 0) throw notFound(text, edit.oldText, shown);
  if (places.length > 1 && !edit.all) {
    const lines = places.slice(0, maxLinesNamed).map((place) => lineAt(text, place));
    const more = places.length > maxLinesNamed ? ', …' : '';
    throw new ClayError(
      'CONFLICT',
      `old_text stands ${places.length} times in ${shown} (lines ${lines.join(', ')}${more}). Give more of its surroundings, or set "all" to replace every one.`,
    );
  }
  return { text: text.split(oldText).join(newText), replaced: places.length };
}

/** In a file with Windows line ends, text with Unix ones means those. */
function matchLineEnds(
  text: string,
  { oldText, newText }: Edit,
): { readonly oldText: string; readonly newText: string } {
  const isWindows =
    text.includes('\r\n') && !oldText.includes('\r\n') && oldText.includes('\n') && !text.includes(oldText);
  if (!isWindows) return { oldText, newText };
  const convert = (part: string) => part.replace(/\r?\n/g, '\r\n');
  return { oldText: convert(oldText), newText: convert(newText) };
}

function placesOf(text: string, wanted: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

function notFound(text: string, wanted: string, shown: string): ClayError {
  const squeezed = squeeze(wanted);
  const first = squeezed === '' ? -1 : squeezedLines(text).findIndex((line) => line.includes(firstLine(squeezed)));
  const hint =
    first < 0
      ? 'Read the file again: it may have changed.'
      : `Line ${first + 1} is alike but for its spaces: read it and copy it exactly.`;
  return new ClayError('NOT_FOUND', `text not found in file ${shown}. ${hint}`);
}

function squeezedLines(text: string): readonly string[] {
  return text.split('\n').map(squeeze);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function squeeze(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .join('\n');
}

function lineAt(text: string, place: number): number {
  return text.slice(0, place).split('\n').length;
}
