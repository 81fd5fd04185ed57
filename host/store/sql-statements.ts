import { ClayError } from '@clay/sdk';

export interface SqlToken {
  /** `word` is a keyword or a bare or quoted name; its text is unquoted. */
  readonly kind: 'word' | 'text' | 'number' | 'symbol' | 'parameter';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const pattern =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>[xX]?'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<number>\.?\d[\w.]*)|(?<parameter>[?:@$][\w:]*)|(?<word>[\p{L}_\u0080-\u{10ffff}][\p{L}\p{N}_$\u0080-\u{10ffff}]*)|(?<symbol>[^\s])/guy;

/** The tokens of SQL text, as SQLite reads it; comments and space are left out. */
export function tokenizeSql(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const match of sql.matchAll(pattern)) {
    const { text, quoted, number, parameter, word, symbol } = match.groups ?? {};
    const at = { start: match.index, end: match.index + match[0].length };
    if (quoted !== undefined) tokens.push({ kind: 'word', text: unquote(quoted), ...at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...at });
    else if (text !== undefined) tokens.push({ kind: 'text', text, ...at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, ...at });
    else if (parameter !== undefined) tokens.push({ kind: 'parameter', text: parameter, ...at });
    else if (symbol === "'" || symbol === '"' || symbol === '`') {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The SQL text has an opening ${symbol} without its end at character ${match.index + 1}.`,
      );
    } else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, ...at });
  }
  return tokens;
}

/** Parts a script at its semicolons; those inside the body of a trigger belong to the trigger. */
export function splitStatements(script: string): readonly string[] {
  const statements: string[] = [];
  let tokens: SqlToken[] = [];
  const flush = () => {
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first !== undefined && last !== undefined) statements.push(script.slice(first.start, last.end));
    tokens = [];
  };
  for (const token of tokenizeSql(script)) {
    const isEnd = token.kind === 'symbol' && token.text === ';';
    if (!isEnd) tokens.push(token);
    else if (!isTrigger(tokens) || isTriggerComplete(tokens)) flush();
    else tokens.push(token);
  }
  flush();
  return statements;
}

/** The first words of a statement in capitals, such as `CREATE TEMP TRIGGER`. */
export function leadingWords(statement: string, count: number): readonly string[] {
  const words: string[] = [];
  for (const token of tokenizeSql(statement)) {
    if (token.kind !== 'word' || words.length === count) break;
    words.push(token.text.toUpperCase());
  }
  return words;
}

function isTrigger(tokens: readonly SqlToken[]): boolean {
  const words = tokens.slice(0, 3).map((token) => token.text.toUpperCase());
  return words[0] === 'CREATE' && (words[1] === 'TRIGGER' || (/^TEMP/.test(words[1] ?? '') && words[2] === 'TRIGGER'));
}

/** A trigger ends with `END` right behind a semicolon. */
function isTriggerComplete(tokens: readonly SqlToken[]): boolean {
  return tokens.at(-1)?.text.toUpperCase() === 'END' && tokens.at(-2)?.text === ';';
}

function unquote(text: string): string {
  const quote = text[0] ?? '';
  const inner = text.slice(1, -1);
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}
