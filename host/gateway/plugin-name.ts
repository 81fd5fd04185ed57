import { ClayError } from '@clay/sdk';

const pattern = /^[a-z][a-z0-9-]{0,47}$/;

/** The name of a plugin, from an address or a query. */
export function checkPluginName(name: string): string {
  if (pattern.test(name)) return name;
  throw new ClayError(
    'BAD_ARGUMENTS',
    `${JSON.stringify(name.slice(0, 80))} is no name of a plugin: a small letter, then small letters, digits and "-", at most 48 in all.`,
  );
}
