/** The kinds of tokens, as small integers so that the scanner and the parser can switch on them quickly. */
export const END_OF_FILE: number = 0;
export const NEWLINE: number = 1;
export const INDENT: number = 2;
export const OUTDENT: number = 3;
export const NAME: number = 4;
export const INT: number = 5;
export const FLOAT: number = 6;
export const STRING: number = 7;
export const BYTES: number = 8;
/** The opening of an f-string; the parser reads the rest together with the scanner. */
export const FORMATTED_STRING: number = 9;

export const PLUS: number = 10;
export const MINUS: number = 11;
export const STAR: number = 12;
export const SLASH: number = 13;
export const SLASH_SLASH: number = 14;
export const PERCENT: number = 15;
export const STAR_STAR: number = 16;
export const TILDE: number = 17;
export const AMPERSAND: number = 18;
export const BAR: number = 19;
export const CARET: number = 20;
export const LEFT_SHIFT: number = 21;
export const RIGHT_SHIFT: number = 22;
export const DOT: number = 23;
export const COMMA: number = 24;
export const EQUALS: number = 25;
export const SEMICOLON: number = 26;
export const COLON: number = 27;
export const OPEN_PARENTHESIS: number = 28;
export const CLOSE_PARENTHESIS: number = 29;
export const OPEN_BRACKET: number = 30;
export const CLOSE_BRACKET: number = 31;
export const OPEN_BRACE: number = 32;
export const CLOSE_BRACE: number = 33;
export const LESS: number = 34;
export const GREATER: number = 35;
export const LESS_EQUAL: number = 36;
export const GREATER_EQUAL: number = 37;
export const EQUAL_EQUAL: number = 38;
export const NOT_EQUAL: number = 39;
export const PLUS_EQUALS: number = 40;
export const MINUS_EQUALS: number = 41;
export const STAR_EQUALS: number = 42;
export const SLASH_EQUALS: number = 43;
export const SLASH_SLASH_EQUALS: number = 44;
export const PERCENT_EQUALS: number = 45;
export const AMPERSAND_EQUALS: number = 46;
export const BAR_EQUALS: number = 47;
export const CARET_EQUALS: number = 48;
export const LEFT_SHIFT_EQUALS: number = 49;
export const RIGHT_SHIFT_EQUALS: number = 50;
export const ARROW: number = 51;
/** `!` alone: only a conversion inside an f-string (`{x!r}`) may use it. */
export const EXCLAMATION: number = 52;

export const AND: number = 60;
export const BREAK: number = 61;
export const CONTINUE: number = 62;
export const DEF: number = 63;
export const ELIF: number = 64;
export const ELSE: number = 65;
export const FOR: number = 66;
export const IF: number = 67;
export const IN: number = 68;
export const LAMBDA: number = 69;
export const LOAD: number = 70;
export const NOT: number = 71;
export const OR: number = 72;
export const PASS: number = 73;
export const RETURN: number = 74;
export const WHILE: number = 75;

/** From here on: words of Python that are reserved and have no meaning. */
export const FIRST_RESERVED: number = 80;
export const AS: number = 80;
export const ASYNC: number = 81;
export const AWAIT: number = 82;
export const CLASS: number = 83;
export const DEL: number = 84;
export const EXCEPT: number = 85;
export const FINALLY: number = 86;
export const FROM: number = 87;
export const GLOBAL: number = 88;
export const IMPORT: number = 89;
export const IS: number = 90;
export const NONLOCAL: number = 91;
export const RAISE: number = 92;
export const TRY: number = 93;
export const WITH: number = 94;
export const YIELD: number = 95;

export const TOKEN_COUNT: number = 96;

const named: readonly (readonly [number, string])[] = [
  [END_OF_FILE, 'end of file'],
  [NEWLINE, 'newline'],
  [INDENT, 'indent'],
  [OUTDENT, 'outdent'],
  [NAME, 'identifier'],
  [INT, 'int literal'],
  [FLOAT, 'float literal'],
  [STRING, 'string literal'],
  [BYTES, 'bytes literal'],
  [FORMATTED_STRING, 'string literal'],
];

const punctuation: readonly (readonly [number, string])[] = [
  [PLUS, '+'],
  [MINUS, '-'],
  [STAR, '*'],
  [SLASH, '/'],
  [SLASH_SLASH, '//'],
  [PERCENT, '%'],
  [STAR_STAR, '**'],
  [TILDE, '~'],
  [AMPERSAND, '&'],
  [BAR, '|'],
  [CARET, '^'],
  [LEFT_SHIFT, '<<'],
  [RIGHT_SHIFT, '>>'],
  [DOT, '.'],
  [COMMA, ','],
  [EQUALS, '='],
  [SEMICOLON, ';'],
  [COLON, ':'],
  [OPEN_PARENTHESIS, '('],
  [CLOSE_PARENTHESIS, ')'],
  [OPEN_BRACKET, '['],
  [CLOSE_BRACKET, ']'],
  [OPEN_BRACE, '{'],
  [CLOSE_BRACE, '}'],
  [LESS, '<'],
  [GREATER, '>'],
  [LESS_EQUAL, '<='],
  [GREATER_EQUAL, '>='],
  [EQUAL_EQUAL, '=='],
  [NOT_EQUAL, '!='],
  [PLUS_EQUALS, '+='],
  [MINUS_EQUALS, '-='],
  [STAR_EQUALS, '*='],
  [SLASH_EQUALS, '/='],
  [SLASH_SLASH_EQUALS, '//='],
  [PERCENT_EQUALS, '%='],
  [AMPERSAND_EQUALS, '&='],
  [BAR_EQUALS, '|='],
  [CARET_EQUALS, '^='],
  [LEFT_SHIFT_EQUALS, '<<='],
  [RIGHT_SHIFT_EQUALS, '>>='],
  [ARROW, '->'],
  [EXCLAMATION, '!'],
];

const keywords: readonly (readonly [number, string])[] = [
  [AND, 'and'],
  [BREAK, 'break'],
  [CONTINUE, 'continue'],
  [DEF, 'def'],
  [ELIF, 'elif'],
  [ELSE, 'else'],
  [FOR, 'for'],
  [IF, 'if'],
  [IN, 'in'],
  [LAMBDA, 'lambda'],
  [LOAD, 'load'],
  [NOT, 'not'],
  [OR, 'or'],
  [PASS, 'pass'],
  [RETURN, 'return'],
  [WHILE, 'while'],
  [AS, 'as'],
  [ASYNC, 'async'],
  [AWAIT, 'await'],
  [CLASS, 'class'],
  [DEL, 'del'],
  [EXCEPT, 'except'],
  [FINALLY, 'finally'],
  [FROM, 'from'],
  [GLOBAL, 'global'],
  [IMPORT, 'import'],
  [IS, 'is'],
  [NONLOCAL, 'nonlocal'],
  [RAISE, 'raise'],
  [TRY, 'try'],
  [WITH, 'with'],
  [YIELD, 'yield'],
];

/** Keywords and reserved words by their spelling. */
export const keywordKinds: ReadonlyMap<string, number> = new Map(keywords.map(([kind, text]) => [text, kind]));

/** How an operator or keyword is written; empty for other tokens. */
export const tokenText: readonly string[] = spellings();

/** How an error message calls a token: `':'`, `def`, `int literal`. */
export const tokenName: readonly string[] = names();

function spellings(): string[] {
  const result = new Array<string>(TOKEN_COUNT).fill('');
  for (const [kind, text] of [...punctuation, ...keywords]) result[kind] = text;
  return result;
}

function names(): string[] {
  const result = new Array<string>(TOKEN_COUNT).fill('');
  for (const [kind, text] of [...named, ...keywords]) result[kind] = text;
  for (const [kind, text] of punctuation) result[kind] = `'${text}'`;
  return result;
}
