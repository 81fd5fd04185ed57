import { readFile } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';

/** Folders that hold what nobody searches for. */
const alwaysIgnored = new Set(['.git', '.hg', '.svn', 'node_modules']);
const maxRuleBytes = 100_000;

interface Rule {
  readonly globs: readonly string[];
  readonly isFolderOnly: boolean;
  readonly isNegated: boolean;
}

/** The rules of the `.gitignore` files from the searched folder down to one folder. */
export class IgnoreRules {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[] = []) {
    this.#rules = rules;
  }

  /** These rules and those of a folder's own file. `path` is the folder as entries are named, empty for the top. */
  async within(folder: string, path: string): Promise<IgnoreRules> {
    let text: string;
    try {
      text = await readFile(join(folder, '.gitignore'), 'utf8');
    } catch {
      // No file, or none that can be read: no rules.
      return this;
    }
    if (text.length > maxRuleBytes) return this;
    const rules = text.split('\n').flatMap((line) => parseRule(line, path));
    return rules.length === 0 ? this : new IgnoreRules([...this.#rules, ...rules]);
  }

  ignores(path: string, name: string, isFolder: boolean): boolean {
    if (isFolder && alwaysIgnored.has(name)) return true;
    // As in Git, the last rule that fits decides.
    const rule = this.#rules.findLast(
      ({ globs, isFolderOnly }) => (isFolder || !isFolderOnly) && globs.some((glob) => matchesGlob(path, glob)),
    );
    return rule !== undefined && !rule.isNegated;
  }
}

function parseRule(line: string, folder: string): readonly Rule[] {
  const text = line.replace(/\s+$/, '');
  if (text === '' || text.startsWith('#')) return [];
  const isNegated = text.startsWith('!');
  const pattern = (isNegated ? text.slice(1) : text).replace(/\/$/, '');
  const isFolderOnly = text.endsWith('/');
  const prefix = folder === '' ? '' : `${folder}/`;
  const isAnchored = pattern.includes('/');
  const globs = isAnchored ? [prefix + pattern.replace(/^\//, '')] : [prefix + pattern, `${prefix}**/${pattern}`];
  return [{ globs, isFolderOnly, isNegated }];
}
