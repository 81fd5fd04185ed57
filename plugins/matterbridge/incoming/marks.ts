/** Between a message, whom it answers, and the text that it answers: in place of words that people write too. */
export const quoteMark = '\u2063';

/** Stands behind a text that was edited. */
export const editSuffix = '\u2062(edited)\u2062';
