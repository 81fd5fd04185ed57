/**
 * Whether `path` fits `pattern`, a path whose `:name` segments stand for one segment each; gives their values. A segment
 * never stands for nothing.
 */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = Object.create(null);
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== value) return null;
      continue;
    }
    if (value === '') return null;
    params[segment.slice(1)] = value;
  }
  return { ...params };
}
