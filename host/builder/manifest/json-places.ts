/**
 * Where the members of a JSON text stand: the offset of each value's key, or of the value itself in an array, by its
 * path, such as `probes[0].call`. The text must be valid JSON.
 */
export function findJsonPlaces(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>([['', text.search(/\S/)]]);
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)].map((match) => ({
    text: match[0],
    offset: match.index,
  }));
  let next = 0;
  readValue('', 0);
  return places;

  function readValue(path: string, depth: number): void {
    const open = tokens[next++];
    if (open === undefined || depth > 200) return;
    if (open.text === '{') readMembers(depth, (key) => (path === '' ? key : `${path}.${key}`));
    else if (open.text === '[') readItems(path, depth);
  }

  function readMembers(depth: number, pathOf: (key: string) => string): void {
    while (next < tokens.length && tokens[next]!.text !== '}') {
      const key = tokens[next++]!;
      if (key.text === ',') continue;
      const path = pathOf(String(JSON.parse(key.text)));
      places.set(path, key.offset);
      next++;
      readValue(path, depth + 1);
    }
    next++;
  }

  function readItems(path: string, depth: number): void {
    for (let index = 0; next < tokens.length && tokens[next]!.text !== ']'; ) {
      if (tokens[next]!.text === ',') {
        next++;
        continue;
      }
      const itemPath = `${path}[${index++}]`;
      places.set(itemPath, tokens[next]!.offset);
      readValue(itemPath, depth + 1);
    }
    next++;
  }
}
