/** What a build leaves for those who run it. */
export const manual = 'data/ops/MANUAL.md';
/** What running it has taught, for the next build. */
export const feedback = 'data/ops/FEEDBACK.md';
