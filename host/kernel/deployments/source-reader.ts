import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { ClayError, type Json } from '@clay/sdk';

/** What of the claw's own sources the agent may read, to learn from it or to change a copy. */
const readable = ['plugins', 'sdk', 'examples', 'starlark-stdlib'];
const maxChars = 60_000;

/** A file of the sources, or what a folder holds. An empty path gives the folders there are. */
export function readClawSource(path: string, root = findRoot()): Json {
  if (root === null)
    throw new ClayError(
      'NOT_FOUND',
      'The sources of this claw are not installed beside it; set CLAY_SRC to their folder.',
    );
  const wanted = path.replace(/^\/+|\/+$/g, '');
  if (wanted === '') return { path: '', entries: readable.filter((name) => existsSync(join(root, name))) };
  const place = join(root, wanted);
  const inside = existsSync(place) ? relative(realpathSync(root), realpathSync(place)).split(sep) : [];
  const isHidden = inside.some((name) => name === 'node_modules' || name.startsWith('.'));
  if (!readable.includes(inside[0] ?? '') || isHidden)
    throw new ClayError('NOT_FOUND', `There is no source ${JSON.stringify(path)}. Begin at ${readable.join(', ')}.`);
  if (statSync(place).isDirectory()) {
    const entries = readdirSync(place, { withFileTypes: true })
      .filter(({ name }) => name !== 'node_modules' && !name.startsWith('.'))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort();
    return { path: wanted, entries };
  }
  const text = readFileSync(place, 'utf8');
  return { path: wanted, text: text.slice(0, maxChars), isCut: text.length > maxChars };
}

/** The nearest folder above that holds the sources: of a checkout, or of the image. */
function findRoot(): string | null {
  const own = process.env.CLAY_SRC;
  if (own !== undefined && own !== '') return existsSync(own) ? own : null;
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'sdk', 'src')) && existsSync(join(folder, 'plugins'))) return folder;
  }
  return null;
}
