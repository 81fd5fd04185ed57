/** Brackets, operators and functions inside one another; the parser and every later phase recurse this deep. */
export const maxNesting = 200;

/** Blocks inside one another. */
export const maxIndentation = 100;

/** Operators and suffixes in one chain (`a + b + c …`, `a.b.c …`), whose tree is as deep as the chain is long. */
export const maxChain = 1000;

/** `elif` branches of one `if`. */
export const maxBranches = 500;

/** `for` and `if` clauses of one comprehension. */
export const maxClauses = 50;

/** Digits of one integer literal: about a million bits. */
export const maxDigits = 300_000;

/** UTF-16 units of one source. */
export const maxSourceLength = 1 << 24;

/** Diagnostics of one file; the rest of the file is not read. */
export const maxDiagnostics = 100;
