import type { Json, JsonObject, Manifest } from '@clay/sdk';
import type { Problem } from '@clay/sdk/wire';
import { parseManifest } from '../../manifest/parse-manifest.ts';
import { type Diagnostic, diagnose } from '../diagnostic.ts';
import { manifestPath, type SourceTree, textOf } from '../source/source-tree.ts';
import { findJsonPlaces } from './json-places.ts';

export type ReadManifest =
  | { readonly manifest: Manifest; readonly problems: readonly [] }
  | { readonly manifest: null; readonly problems: readonly Diagnostic[] };

/** What a plugin without a `plugin.json` asks for: the same as an extension without `allow`. */
export function defaultPermissions(name: string): readonly string[] {
  return ['http:*', 'fs.read:public', `fs.read:files/${name}`, `fs.write:files/${name}`];
}

/** The manifest of a tree, with every default; or everything that is wrong with it, at once. */
export function readManifest(tree: SourceTree): ReadManifest {
  const content = textOf(tree, manifestPath);
  if (content === undefined) return readDefault(tree.name);
  const raw = parseJson(content);
  if ('problem' in raw) return { manifest: null, problems: [raw.problem] };
  const { value } = raw;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const place = { file: manifestPath, content, offset: content.search(/\S|$/) };
    return { manifest: null, problems: [diagnose('MANIFEST', 'The manifest must be one JSON object.', place)] };
  }
  const parsed = parseManifest(value as JsonObject);
  const problems =
    'problems' in parsed
      ? locateProblems(content, [...parsed.problems, ...furtherProblems(value as JsonObject, parsed.problems)])
      : checkName(content, parsed.manifest, tree.name);
  if (problems.length > 0 || 'problems' in parsed) return { manifest: null, problems };
  return { manifest: parsed.manifest, problems: [] };
}

function readDefault(name: string | null): ReadManifest {
  const wanted = name ?? '';
  const parsed = parseManifest({ name: wanted, permissions: [...defaultPermissions(wanted)] });
  if (!('problems' in parsed)) return { manifest: parsed.manifest, problems: [] };
  const text = `${JSON.stringify(wanted)} is no name of a plugin.`;
  const advice = 'Name the file or folder with small letters, digits and "-", at most 48, a letter first.';
  return { manifest: null, problems: [diagnose('MANIFEST', text, { file: null }, advice)] };
}

function parseJson(content: string): { readonly value: Json } | { readonly problem: Diagnostic } {
  try {
    return { value: JSON.parse(content.replace(/^\uFEFF/, '')) };
  } catch (error) {
    const { message } = error as SyntaxError;
    const at = /at position (\d+)/.exec(message)?.[1];
    const offset = at === undefined ? content.length : Number(at);
    const text = `This is not JSON: ${message.replace(/ (in JSON )?at position.*$/, '')}.`;
    const advice = 'JSON has double quotes around names and texts, no comments, and no comma after the last member.';
    return { problem: diagnose('MANIFEST', text, { file: manifestPath, content, offset }, advice) };
  }
}

function locateProblems(content: string, problems: readonly Problem[]): Diagnostic[] {
  const places = findJsonPlaces(content);
  return problems.map(({ path, message }) =>
    diagnose('MANIFEST', path === '' ? message : `"${path}" ${message}`, placeOf(content, places, path)),
  );
}

/** What is wrong with the meaning of the members that have the right form: the parser stops after the form. */
function furtherProblems(value: JsonObject, problems: readonly Problem[]): readonly Problem[] {
  const wrong = new Set(problems.map(({ path }) => path.replace(/[.[].*$/s, '')));
  const sound = Object.entries(value).filter(([key]) => !wrong.has(key));
  const parsed = parseManifest(Object.fromEntries([['name', 'x'], ...sound]));
  if (!('problems' in parsed)) return [];
  const known = new Set(problems.map(({ path }) => path));
  return parsed.problems.filter(({ path }) => !known.has(path));
}

/** Of what is missing, the place is the object that lacks it. */
function placeOf(content: string, places: ReadonlyMap<string, number>, path: string) {
  for (let known = path; ; known = known.replace(/(\.|^)[^.[]*$|\[\d+\]$/, '')) {
    const offset = places.get(known);
    if (offset !== undefined || known === '') return { file: manifestPath, content, offset: offset ?? 0 };
  }
}

function checkName(content: string, manifest: Manifest, name: string | null): Diagnostic[] {
  if (name === null || name === manifest.name) return [];
  const places = findJsonPlaces(content);
  const text = `The manifest names the plugin "${manifest.name}", but it was sent as "${name}".`;
  return [diagnose('MANIFEST', text, placeOf(content, places, 'name'), 'Give the folder and the manifest one name.')];
}
