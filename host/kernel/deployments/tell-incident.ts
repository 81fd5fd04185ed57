import type { ClayError, JsonObject } from '@clay/sdk';
import type { CrashEntry } from '../../medic/crash-log/crash-entry.ts';
import type { Incident } from '../../medic/generations/medic-options.ts';

/** An incident as a log for author and agent. `serving`: what answers calls now, in one sentence. */
export function toCrashEntry(incident: Incident, serving: string): CrashEntry {
  const { plugin, generation, hash, category, message, location, death } = incident;
  const { output, ...details }: JsonObject = death?.details ?? {};
  // Of what a compiler says the first line is the sentence, and the rest is not lost.
  const [sentence = message] = message.split('\n', 1);
  const told = sentence === message ? '' : message;
  return {
    plugin,
    category,
    generation,
    hash,
    message: sentence,
    location,
    output: typeof output === 'string' ? [told, output].filter((text) => text !== '').join('\n\n') : told,
    details,
    serving,
    advice: adviceOn(category),
  };
}

/** Sources that could not even be built. */
export function toBuildEntry(plugin: string, error: ClayError, serving: string): CrashEntry {
  return {
    plugin,
    category: 'build',
    generation: null,
    hash: null,
    message: error.message,
    location: null,
    output: error.details.output ?? '',
    details: { code: error.code },
    serving,
    advice: 'Correct the sources and deploy again; build_check tells whether they are right, and changes nothing.',
  };
}

/** What has become of an override whose base is another than when it was made. */
export interface Rebase {
  readonly plugin: string;
  /** What became of it, in a sentence. */
  readonly message: string;
  readonly generation: number;
  readonly hash: string;
}

export function toRebaseEntry({ plugin, message, generation, hash }: Rebase, serving: string): CrashEntry {
  return {
    plugin,
    category: 'rebase',
    generation,
    hash,
    message,
    location: null,
    output: '',
    details: {},
    serving,
    advice: `Compare data/plugins/${plugin} with what ships now, and deploy it again if it should follow. To have what ships back, delete data/plugins/${plugin} and deploy, or roll "${plugin}" back to generation 0.`,
  };
}

function adviceOn(category: Incident['category']): string {
  switch (category) {
    case 'check':
      return 'Correct the types and deploy again: a generation whose types are wrong is never committed.';
    case 'stage':
    case 'probe':
      return 'Correct what is named above and deploy again; the same build is not tried a second time by itself.';
    case 'crash':
      return 'Find the cause at the place that is named, correct it and deploy again: this very build is held back once it is quarantined.';
    case 'rollback':
      return 'Look at what was taken back before you deploy something like it.';
  }
}
