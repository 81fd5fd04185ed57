import type { CallSession } from '@clay/sdk';
import type { Medic, News } from '../../medic/generations/medic.ts';
import type { HostCapability } from '../host-capabilities.ts';

/** A conversation is told of so many verdicts at once; older ones stand in the history of generations. */
const maxWaiting = 10;

/** Tells each conversation, at its next turn, what became of the generations that were made in it. */
export class Verdicts {
  readonly #waiting = new Map<string, string[]>();

  follow(medic: Pick<Medic, 'onNews'>): () => void {
    return medic.onNews((news) => {
      const words = describe(news);
      if (words === null || news.session === null) return;
      const key = keyOf(news.session);
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), words].slice(-maxWaiting));
    });
  }

  section(): HostCapability {
    return {
      kind: 'prompt',
      name: 'verdicts',
      description: 'What became of the generations that were made in this conversation.',
      parameters: null,
      details: { placement: 'message', order: 31 },
      run: (_, { session }) => {
        if (session === null) return null;
        const words = this.#waiting.get(keyOf(session));
        this.#waiting.delete(keyOf(session));
        return words === undefined ? null : words.map((line) => `- ${line}`).join('\n');
      },
    };
  }
}

function describe({ kind, plugin, generation, state, text }: News): string | null {
  if (kind === 'told') return `"${plugin}": ${text}`;
  if (state === 'committed') return `Generation ${generation} of "${plugin}" has passed its probation and is kept.`;
  return null;
}

function keyOf({ app, user, id }: CallSession): string {
  return JSON.stringify([app, user, id]);
}
