const pattern = /^[a-z][a-z0-9-]{0,47}$/;

/** The host stands among the plugins under this name. */
export const hostName = 'host';

/** Names that mean something else already: a provider, or what every object has. */
const reserved: ReadonlyMap<string, string> = new Map([
  [hostName, 'the host itself'],
  ['constructor', 'what every JavaScript object has'],
]);

/** Who has a name that no plugin can have; null when a plugin can. */
export function reservedBy(name: string): string | null {
  return reserved.get(name) ?? null;
}

/** Why a text is no name of a plugin, in a sentence; null when it is one. */
export function nameProblem(name: string): string | null {
  if (!pattern.test(name))
    return `${JSON.stringify(name)} is no name of a plugin: it begins with a small letter and has only small letters, digits and "-", at most 48.`;
  const owner = reservedBy(name);
  return owner === null ? null : `No plugin can be called "${name}": ${owner} is called so.`;
}
