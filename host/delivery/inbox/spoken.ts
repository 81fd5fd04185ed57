const longestName = 64;
/** The beginning of a line that could be read as what another person says. */
const speaker = /(?:\r\n?|[\n\u2028\u2029])(?=[^\s:：][^:：\n]{0,80}[:：])/g;

/**
 * What somebody says in a group, with their name in front. A name is what its owner likes: it stays on its line and ends at
 * the colon; and a line that looks like another person's is set in.
 */
export function spokenBy(name: string, said: string): string {
  const shown = name
    .replace(/[\s\p{Cc}\p{Cf}:：]+/gu, ' ')
    .trim()
    .slice(0, longestName)
    .toWellFormed();
  return `${shown === '' ? 'somebody' : shown}: ${said.replaceAll(speaker, '\n  ')}`;
}
