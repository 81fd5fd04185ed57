import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostMessage, PluginMessage } from '@clay/sdk/wire';
import { Activity } from './activity.ts';

const paths = { root: '', data: '', soul: '', public: '', extensions: '' };
const setup: HostMessage = { type: 'setup', config: {}, paths, secrets: [] };
const ready: PluginMessage = { type: 'ready', capabilities: [], migrations: [], leases: [] };
const live: PluginMessage = { type: 'done', step: 'live' };

function call(id: string): HostMessage {
  const rest = { key: id, attempt: 1, capability: 'tool:x', args: {}, caller: 'test', timeoutMs: 1, session: null };
  return { type: 'call', id, ...rest, credit: 1 };
}

function request(id: number, of: string | null): PluginMessage {
  return { type: 'request', id, method: 'store.get', args: {}, call: of };
}

/** Plays a conversation; the host's messages are those of `sent`. */
function play(...messages: readonly (readonly ['host', HostMessage] | readonly ['script', PluginMessage])[]): Activity {
  const activity = new Activity();
  for (const message of messages) {
    if (message[0] === 'host') activity.sent(message[1]);
    else activity.received(message[1]);
  }
  return activity;
}

test('a script runs from its setup until it is ready, and in every step', () => {
  assert.equal(play().isRunning, false);
  assert.equal(play(['host', setup]).isRunning, true);
  assert.equal(play(['host', setup], ['script', ready]).isRunning, false);
  assert.equal(play(['host', { type: 'live' }]).isRunning, true);
  assert.equal(play(['host', { type: 'live' }], ['script', live]).isRunning, false);
  assert.equal(play(['host', { type: 'live' }], ['script', request(1, null)]).isRunning, false);
});

test('a call runs from its acceptance to its reply, but not while it waits for the host', () => {
  const started = [
    ['host', call('a')],
    ['script', { type: 'ack', id: 'a' }],
  ] as const;
  assert.equal(play(started[0]).isRunning, false);
  assert.equal(play(...started).isRunning, true);
  assert.equal(play(...started, ['script', request(1, 'a')]).isRunning, false);
  assert.equal(
    play(...started, ['script', request(1, 'a')], ['host', { type: 'answer', id: 1, value: 1 }]).isRunning,
    true,
  );
  assert.equal(play(...started, ['script', request(1, 'a')], ['script', { type: 'abort', id: 1 }]).isRunning, true);
  assert.equal(play(...started, ['script', { type: 'reply', id: 'a', value: 1 }]).isRunning, false);
});

test('one call that waits does not hide another that runs', () => {
  const activity = play(
    ['host', call('a')],
    ['script', { type: 'ack', id: 'a' }],
    ['host', call('b')],
    ['script', { type: 'ack', id: 'b' }],
    ['script', request(1, 'a')],
  );
  assert.deepEqual([activity.isRunning, activity.openCalls, activity.openRequests], [true, 2, 1]);
});

test('what a lane makes up changes nothing', () => {
  const activity = play(
    ['script', ready],
    ['script', live],
    ['script', { type: 'ack', id: 'never' }],
    ['script', { type: 'abort', id: 9 }],
    ['host', { type: 'live' }],
  );
  assert.deepEqual([activity.isRunning, activity.openCalls, activity.openRequests], [true, 0, 0]);
});
