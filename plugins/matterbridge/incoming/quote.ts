import { quoteMark } from './marks.ts';

export interface Quoted {
  readonly text: string;
  readonly quote: { readonly name: string; readonly text: string } | null;
}

/** Ours, which `setup/bridge-toml.ts` asks for, and matterbridge's own, in configurations of others. */
const forms = [
  new RegExp(`^(.*)${quoteMark}([^${quoteMark}]*)${quoteMark}(.*)${quoteMark}$`, 's'),
  /^(.*) \(re @([^:\n]*): (.*)\)$/s,
];

/** Takes the quote of a reply apart from what was said. */
export function parseQuote(whole: string): Quoted {
  for (const form of forms) {
    const [, text, name, quoted] = form.exec(whole) ?? [];
    if (text !== undefined && name !== undefined && quoted !== undefined)
      return { text, quote: { name, text: quoted } };
  }
  return { text: whole, quote: null };
}
