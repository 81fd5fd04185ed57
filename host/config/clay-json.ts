import {
  applyEdits,
  createScanner,
  findNodeAtLocation,
  modify,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
  visit,
} from 'jsonc-parser';
import type { ConfigProblem } from './config-error.ts';

export interface ClayJson {
  /** Values by dotted key, for the keys asked for. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly problems: readonly ConfigProblem[];
}

/** Reads the operator's file: JSON with comments and trailing commas. `keys` are the dotted keys that exist. */
export function parseClayJson(text: string, file: string, keys: readonly string[]): ClayJson {
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0)
    return { values: new Map(), problems: errors.map((error) => syntaxProblem(text, file, error)) };
  if (!isObject(root)) return { values: new Map(), problems: [{ name: file, message: 'must hold one JSON object' }] };
  const misread = findMisreadKeys(text, file);
  if (misread.length > 0) return { values: new Map(), problems: misread };
  const values = new Map<string, unknown>();
  const problems: ConfigProblem[] = [];
  collect(root, '', new Set(keys), values, problems, file);
  return { values, problems };
}

/**
 * The operator's file with texts added to a list of it, which is made when there is none; comments and layout stay, and
 * what the list holds already is not added again. The file has been read by {@link parseClayJson}.
 */
export function addToList(text: string, path: readonly string[], added: readonly string[]): string {
  let edited = text.trim() === '' ? '{}\n' : text;
  for (const one of added) {
    if (listAt(edited, path).includes(one)) continue;
    edited = applyEdits(edited, modify(edited, [...path, -1], one, { formattingOptions, isArrayInsertion: true }));
  }
  return edited;
}

/** The operator's file with texts taken out of a list of it; comments and layout stay. */
export function removeFromList(text: string, path: readonly string[], removed: readonly string[]): string {
  let edited = text;
  for (const one of removed) {
    const tree = parseTree(edited, [], { allowTrailingComma: true });
    const list = tree && findNodeAtLocation(tree, [...path]);
    const node = list?.children?.find(({ value }) => value === one);
    if (node !== undefined) edited = cutElement(edited, node.offset, node.offset + node.length);
  }
  return edited;
}

/** Its comma goes too; the one before the last element may stay as a trailing one. The library would take comments along. */
function cutElement(text: string, start: number, end: number): string {
  const scanner = createScanner(text, true);
  scanner.setPosition(end);
  scanner.scan();
  const commaAt = text[scanner.getTokenOffset()] === ',' ? scanner.getTokenOffset() : null;
  const before = text.slice(0, start);
  const between = text.slice(end, commaAt ?? end);
  const behind = text.slice(commaAt === null ? end : commaAt + 1);
  const isLineEmpty = /(^|\n)[ \t]*$/.test(before) && between.trim() === '' && /^[ \t]*(\r?\n)/.test(behind);
  return isLineEmpty
    ? before.replace(/[ \t]*$/, '') + behind.replace(/^[ \t]*\r?\n/, '')
    : before + between + behind.replace(/^[ \t]+(?=\S)/, '');
}

const formattingOptions = { insertSpaces: true, tabSize: 2, eol: '\n' };

function listAt(text: string, path: readonly string[]): readonly unknown[] {
  const list = path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), read(text));
  return Array.isArray(list) ? list : [];
}

function read(text: string): unknown {
  return parse(text, [], { allowTrailingComma: true });
}

/** Keys that JavaScript would drop without a word: `__proto__`, and all but the last of one name. */
function findMisreadKeys(text: string, file: string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = new Set<string>();
  visit(
    text,
    {
      onObjectProperty(key, _offset, _length, line, character, path) {
        const whole = [...path(), key];
        const name = `${file}:${line + 1}:${character + 1}`;
        if (key === '__proto__') problems.push({ name, message: 'the key "__proto__" is not allowed' });
        else if (seen.has(JSON.stringify(whole))) {
          problems.push({ name, message: `${whole.join('.')} stands here a second time; keep one of them` });
        }
        seen.add(JSON.stringify(whole));
      },
    },
    { allowTrailingComma: true },
  );
  return problems;
}

function collect(
  node: Record<string, unknown>,
  prefix: string,
  keys: ReadonlySet<string>,
  values: Map<string, unknown>,
  problems: ConfigProblem[],
  file: string,
): void {
  for (const [name, value] of Object.entries(node)) {
    const key = prefix + name;
    if (keys.has(key)) values.set(key, value);
    else if (isObject(value) && [...keys].some((known) => known.startsWith(`${key}.`)))
      collect(value, `${key}.`, keys, values, problems, file);
    else problems.push({ name: key, message: `is not a setting (in ${file})${suggest(key, keys)}` });
  }
}

function syntaxProblem(text: string, file: string, error: ParseError): ConfigProblem {
  const before = text.slice(0, error.offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return {
    name: `${file}:${before.length}:${column}`,
    message: `is not valid JSON: ${inWords(printParseErrorCode(error.error))}`,
  };
}

/** `CloseBraceExpected` as `close brace expected`. */
function inWords(code: string): string {
  return code
    .replace(/(?<=.)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^./, (letter) => letter.toLowerCase());
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `; did you mean "x"?` when something known is near. */
export function suggest(name: string, known: Iterable<string>): string {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 4)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === null ? '' : `; did you mean ${best}?`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length]!;
}
