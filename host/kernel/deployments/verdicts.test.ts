import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallSession } from '@clay/sdk';
import type { News } from '../../medic/generations/medic.ts';
import { Verdicts } from './verdicts.ts';

const session = (id: string): CallSession => ({ app: 'clay', user: 'me', id, turn: 't' });

function follow() {
  const verdicts = new Verdicts();
  const listeners: ((news: News) => void)[] = [];
  verdicts.follow({
    onNews(listener) {
      listeners.push(listener);
      return () => {};
    },
  });
  return {
    hear: (news: Partial<News>) =>
      listeners[0]?.({
        plugin: 'rates',
        generation: 2,
        kind: 'changed',
        state: 'committed',
        text: '',
        at: 0,
        session: session('a'),
        ...news,
      }),
    ask: (of: CallSession | null) => verdicts.section().run({}, { session: of } as never),
  };
}

test('a conversation hears once what became of the generations that were made in it, and no other does', () => {
  const { hear, ask } = follow();
  hear({});
  hear({ kind: 'told', text: 'Generation 3 was taken back: it crashed.' });
  assert.equal(ask(session('b')), null);
  assert.equal(ask(null), null);
  assert.equal(
    ask(session('a')),
    '- Generation 2 of "rates" has passed its probation and is kept.\n- "rates": Generation 3 was taken back: it crashed.',
  );
  assert.equal(ask(session('a')), null);
});

test('steps on the way, and what nobody asked for, are no verdicts', () => {
  const { hear, ask } = follow();
  for (const state of ['built', 'staged', 'probation', 'draining', 'stopped'] as const) hear({ state });
  hear({ session: null });
  assert.equal(ask(session('a')), null);
});

test('of many verdicts the newest ten are told', () => {
  const { hear, ask } = follow();
  for (let generation = 1; generation <= 12; generation++) hear({ generation });
  const lines = String(ask(session('a'))).split('\n');
  assert.equal(lines.length, 10);
  assert.match(lines[0] ?? '', /Generation 3 /);
  assert.match(lines.at(-1) ?? '', /Generation 12 /);
});
