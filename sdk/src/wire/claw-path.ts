import { isAbsolute, join } from 'node:path';
import type { Paths } from '../context.ts';

/**
 * Where a path of `ctx.files`, or of an `fs.read` or `fs.write` permission, lies on this claw. It only joins: what it
 * gives may still lead out, by `..` or by a link.
 */
export function clawPath(path: string, paths: Paths): string {
  if (isAbsolute(path)) return path;
  const [first = '', ...rest] = path.split('/').filter((part) => part !== '' && part !== '.');
  switch (first) {
    case 'soul':
      return join(paths.soul, ...rest);
    case 'public':
      return join(paths.public, ...rest);
    case 'extensions':
      return join(paths.extensions, ...rest);
    case 'files':
      return join(paths.data, 'files', ...rest);
    case 'data':
      return rest[0] === 'extensions' ? join(paths.extensions, ...rest.slice(1)) : join(paths.data, ...rest);
    default:
      return join(paths.root, first, ...rest);
  }
}
