import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProvisioningError } from '../errors.ts';

/** The folder with the templates, seen from the sources and from a bundle of them. */
export function findTemplates(from = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const candidate of [folder, join(folder, 'provisioning')])
      if (existsSync(join(candidate, 'docker-compose.user.yml.tpl'))) return candidate;
    if (dirname(folder) === folder)
      throw new ProvisioningError('BAD_OPTION', `The folder "provisioning" with the templates is not above ${from}.`);
  }
}

/** Fills a template's `__NAMES__`. A value never holds what could end the place where it stands. */
export function fillTemplate(name: string, values: Readonly<Record<string, string>>): string {
  const source = readFileSync(join(findTemplates(), name), 'utf8');
  return source.replace(/__([A-Z_]+?)__/g, (_whole, key: string) => {
    const value = values[key];
    if (value === undefined)
      throw new ProvisioningError('BAD_VALUE', `${name} asks for __${key}__, which nobody has set.`);
    return value;
  });
}
