/** What a name in the folder is: a script, a file with a name that no script can have, or nothing of ours. */
export type StarFile =
  | { readonly kind: 'script'; readonly name: string }
  | { readonly kind: 'misnamed'; readonly name: string; readonly problem: string }
  | { readonly kind: 'foreign' };

export const starSuffix = '.star';
const namePattern = /^[a-z][a-z0-9-]{0,47}$/;
/** Editors keep `.a.star.swp`, `.#a.star`, `#a.star#` and `a.star~` beside `a.star` while it is open. */
const editorFile = /^[.#~]/;

/** Reads the base name of a file of the folder. */
export function parseStarFile(file: string): StarFile {
  if (!file.endsWith(starSuffix) || editorFile.test(file)) return { kind: 'foreign' };
  const name = file.slice(0, -starSuffix.length);
  const problem = nameProblem(name);
  return problem === null ? { kind: 'script', name } : { kind: 'misnamed', name, problem };
}

/** Why this is no name of an extension, and which would be; null when it is one. */
export function nameProblem(name: string): string | null {
  if (namePattern.test(name)) return null;
  const better = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 48)
    .replace(/-+$/, '');
  const hint = namePattern.test(better) ? ` Call it "${better}".` : '';
  return `${JSON.stringify(name)} is no name for an extension: one has lower-case letters, digits and "-", starts with a letter, and is at most 48 characters long.${hint}`;
}
