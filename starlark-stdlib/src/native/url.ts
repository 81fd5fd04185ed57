import { charge, HostFunction, StarlarkError, StarlarkStruct, toStarlark, type Value } from 'starlark-js';

function parse(text: string): Value {
  const url = URL.parse(text);
  if (url === null)
    throw new StarlarkError(
      'VALUE',
      `url.parse: ${JSON.stringify(text)} is no absolute URL, such as https://example.org/a?b=c`,
    );
  const query = new Map<string, string>();
  // As everywhere on the web: of a name that comes twice, the first value.
  for (const [name, value] of url.searchParams) if (!query.has(name)) query.set(name, value);
  return new StarlarkStruct([
    ['scheme', url.protocol.slice(0, -1)],
    ['host', url.hostname],
    ['port', url.port === '' ? null : Number(url.port)],
    ['path', url.pathname],
    ['query', toStarlark(query)],
    ['fragment', url.hash.slice(1)],
    ['origin', url.origin],
    ['url', url.href],
  ]);
}

function join(base: string, reference: string): string {
  const url = URL.parse(reference, base);
  if (url !== null) return url.href;
  throw new StarlarkError('VALUE', `url.join: ${JSON.stringify(base)} is no absolute URL`);
}

function quote(text: string): string {
  charge(6 * text.length);
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function unquote(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StarlarkError('VALUE', `url.unquote: text has a broken % escape: ${JSON.stringify(text.slice(0, 80))}`);
  }
}

const functions: readonly HostFunction[] = [
  new HostFunction('url_parse(text: str) -> struct', parse),
  new HostFunction('url_join(base: str, reference: str) -> str', join),
  new HostFunction('url_quote(text: str) -> str', quote),
  new HostFunction('url_unquote(text: str) -> str', unquote),
];

export const urlNatives: ReadonlyMap<string, Value> = new Map(functions.map((each) => [each.name, each]));
