import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ClayError } from '@clay/sdk';
import type { Question } from '../store/delivery/question-store.ts';
import { authorization, createFixture, type Fixture, local } from './testing/gateway-fixture.ts';

const question: Question = {
  id: 'q1',
  key: 'plugin:asker:k',
  channel: 'telegram',
  chat: '42',
  text: 'Delete it?',
  choices: [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No' },
  ],
  firstNumber: 1,
  state: 'open',
  choice: null,
  answeredBy: null,
  askedAt: 1,
  expiresAt: 2,
};

let fixture: Fixture;
const answers: string[][] = [];

before(async () => {
  const answer = (id: string, choice: string, by: string) => {
    if (id !== question.id) return { state: 'unknown', text: '' } as const;
    if (choice === 'maybe') throw new ClayError('BAD_ARGUMENTS', 'The question has no choice "maybe".');
    answers.push([id, choice, by]);
    return { state: 'answered', text: '✓ Yes' } as const;
  };
  fixture = await createFixture({ parts: { questions: { open: () => [question], answer } } });
});
after(() => fixture.gateway.close());

function call(method: 'GET' | 'POST', url: string, payload?: object, headers: object = { authorization }) {
  const options = { method, url: `/api/admin/questions${url}`, headers: { ...local, ...headers } };
  return fixture.gateway.adkApp.inject(payload === undefined ? options : { ...options, payload });
}

test('open questions are listed with all that a console shows, and nothing of the call behind them', async () => {
  const { id, text, choices, channel, chat, askedAt, expiresAt } = question;
  assert.deepEqual((await call('GET', '')).json(), [
    { id, question: text, choices, channel, chat, askedAt, expiresAt },
  ]);
});

test('the console answers one; what is wrong is told', async () => {
  assert.deepEqual((await call('POST', '/q1', { choice: 'yes' })).json(), { state: 'answered', text: '✓ Yes' });
  assert.deepEqual(answers, [['q1', 'yes', 'console']]);
  assert.equal((await call('POST', '/gone', { choice: 'yes' })).statusCode, 404);
  assert.equal((await call('POST', '/q1', { choice: 'maybe' })).statusCode, 400);
  assert.equal((await call('POST', '/q1', {})).statusCode, 400);
});

test('nobody sees or answers a question without the token, also on this machine', async () => {
  assert.equal((await call('GET', '', undefined, {})).statusCode, 401);
  assert.equal((await call('POST', '/q1', { choice: 'yes' }, {})).statusCode, 401);
  assert.equal(answers.length, 1);
});
