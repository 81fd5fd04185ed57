import { ClayError } from '@clay/sdk';
import { tooLarge } from '../build-error.ts';
import type { BuildLimits } from '../limits.ts';

const segmentBytes = 200;
/** Letters of any language, digits and a few signs: nothing that a compiler's output or a shell could take for more. */
const segment = /^[\p{L}\p{M}\p{N}_@+=,~ -][\p{L}\p{M}\p{N}_@+=,.~ -]*$/u;

/** Installed packages, version control and editors' files: never part of a plugin. */
export function isIgnored(path: string): boolean {
  return path
    .split('/')
    .some((name) => name === 'node_modules' || /^\.(?!\.?$)/.test(name) || name.endsWith('~') || /^#.*#$/.test(name));
}

/** Gathers the files of a plugin within the limits; throws at the first that breaks one. */
export class SourceCollector {
  readonly files = new Map<string, Uint8Array>();
  readonly #limits: BuildLimits;
  #bytes = 0;
  #count = 0;

  constructor(limits: BuildLimits) {
    this.#limits = limits;
  }

  /** Asks before the bytes are read. */
  announce(path: string, size: number): void {
    const { files, fileBytes, bytes, depth } = this.#limits;
    if (!isIgnored(path)) checkPath(path);
    if (path.split('/').length > depth)
      throw tooLarge('depth', `${show(path)} lies deeper than ${depth} folders (limit depth).`);
    this.#count += 1;
    if (this.#count > files)
      throw tooLarge(
        'files',
        `There are more than ${files} files (limit files). Leave out what the plugin does not import.`,
      );
    if (size > fileBytes)
      throw tooLarge('fileBytes', `${show(path)} has ${size} bytes; one file may have ${fileBytes} (limit fileBytes).`);
    this.#bytes += size;
    if (this.#bytes > bytes)
      throw tooLarge(
        'bytes',
        `The files have more than ${bytes} bytes in all (limit bytes); ${show(path)} is one too many.`,
      );
  }

  /** A folder costs nothing but its depth and its share of the count: an archive of empty folders is refused too. */
  announceFolder(path: string): void {
    this.announce(path, 0);
  }

  add(path: string, content: Uint8Array): void {
    if (this.files.has(path)) throw refused(`${show(path)} is there twice.`);
    this.files.set(path, content);
  }
}

/** Throws unless a path is relative, plain and stays inside. */
export function checkPath(path: string): void {
  if (path === '' || path.startsWith('/') || /^[A-Za-z]:/.test(path))
    throw refused(`${show(path)} is an absolute path; a plugin's files have relative ones.`);
  if (path.includes('\\')) throw refused(`${show(path)} holds a backslash; folders are separated by "/".`);
  for (const name of path.split('/')) {
    if (name === '..') throw refused(`${show(path)} leads out of the plugin's folder.`);
    if (name === '.' || name === '') throw refused(`${show(path)} is no plain path: it has an empty or "." part.`);
    if (Buffer.byteLength(name) > segmentBytes)
      throw refused(`${show(path)}: the name of a file may have ${segmentBytes} bytes.`);
    if (!segment.test(name))
      throw refused(
        `${show(path)}: the name ${show(name)} holds a sign that no source file has. Use letters, digits, "-", "_" and ".".`,
      );
  }
}

export function refused(message: string): ClayError {
  return new ClayError('REFUSED', message, { phase: 'read' });
}

export function show(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
