import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock, settle } from '@clay/sdk/testing';
import { CliError } from '../../cli-error.ts';
import { tellQuestions } from './tell-questions.ts';

const run = { id: 'q1', question: 'May I run `ls`?', choices: [{ id: 'yes' }, { id: 'no' }] };

test('what a turn waits for is told once, with how to answer, until the turn is over', async () => {
  const clock = createFakeClock();
  const notes: string[] = [];
  const over = new AbortController();
  let open = [] as (typeof run)[];
  const client = { ask: async <Answer>() => open as Answer };
  const telling = tellQuestions(client, (text) => notes.push(text), clock, over.signal);
  await clock.advance(2_000);
  assert.deepEqual(notes, []);
  open = [run];
  await clock.advance(2_000);
  await clock.advance(2_000);
  assert.deepEqual(notes, [
    'waits for an answer: May I run `ls`?',
    'in another terminal: npm run clay questions q1 yes|no',
  ]);
  over.abort();
  await telling;
});

test('who may not know of questions is not bothered with that', async () => {
  const clock = createFakeClock();
  const client = {
    ask: async () => {
      throw new CliError('This needs the token.');
    },
  };
  const telling = tellQuestions(client, assert.fail, clock, new AbortController().signal);
  await settle();
  await clock.advance(2_000);
  await telling;
});
