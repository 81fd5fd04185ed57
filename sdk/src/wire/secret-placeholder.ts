/** What stands for a secret in a header until the host fills it in. */
export function secretPlaceholder(name: string): string {
  return `{{secret:${name}}}`;
}

/** Every placeholder in a text. */
export const secretPlaceholders: RegExp = /\{\{secret:([A-Za-z_][A-Za-z0-9_]*)\}\}/g;
