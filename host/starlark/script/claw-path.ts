import { posix } from 'node:path';
import { ClayError, parsePermission } from '@clay/sdk';

/** One name for each file: what lies in `data/files` is written `files/…`. */
export function plainPath(path: string): string {
  return path
    .replace(/^(\.\/)+/, '')
    .replace(/(?<=.)\/+$/, '')
    .replace(/^data\/(?=(files|extensions)(\/|$))/, '');
}

/** A path as permissions write it. Throws for one that no permission can name. */
export function clawPath(path: string): string {
  const plain = plainPath(path);
  const problem = pathProblem(path, plain);
  if (problem !== null) throw new ClayError('REFUSED', problem);
  return plain;
}

function pathProblem(path: string, plain: string): string | null {
  const shown = JSON.stringify(path);
  const start = 'paths begin at the root of the claw, such as public/index.html';
  if (plain === '' || plain === '.') return `${shown} names the whole claw, which is never granted: ${start}`;
  if (plain.startsWith('/')) return `${shown} begins with "/": ${start}`;
  const straight = posix.normalize(plain);
  if (straight === '..' || straight.startsWith('../')) return `${shown} leads out of the claw: ${start}`;
  if (straight !== plain)
    return `${shown} is not written straight: ${start}, without "." and ".."; this one leads to ${straight}`;
  if (typeof parsePermission(`fs.read:${plain}`) !== 'string') return null;
  return plain.includes('\\')
    ? `${shown} has a backslash: write /`
    : `${shown} holds the claw's own state or secrets, which no file may touch whatever it allows`;
}
