import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { EventJson, Part } from '../../agent/event-json.ts';
import { makeEvent } from '../../gateway/testing/fake-agent-host.ts';
import type { Terminal } from './terminal.ts';
import { createTurnView, type TurnView } from './turn-view.ts';

/** What the person sees, both streams in the order of writing. */
function plainView(): { view: TurnView; seen: () => string } {
  const shown: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk) => shown.push(String(chunk)));
  const plain = (_format: unknown, text: string) => text;
  const terminal: Terminal = {
    input: stream,
    output: stream,
    error: stream,
    isInputTerminal: false,
    isOutputTerminal: false,
    style: plain,
    styleError: plain,
    print: (text) => stream.write(`${text}\n`),
    printError: (text) => stream.write(`${text}\n`),
  };
  return { view: createTurnView(terminal, 'text'), seen: () => shown.join('') };
}

function play(...events: readonly [Part[], Partial<EventJson>?][]): string {
  const { view, seen } = plainView();
  for (const [parts, more] of events) view.show(makeEvent('t1', parts, more));
  view.end();
  return seen();
}

const partial = { partial: true };

test('a text that came in pieces is not written again when it comes whole', () => {
  assert.equal(play([[{ text: 'Hel' }], partial], [[{ text: 'lo' }], partial], [[{ text: 'Hello' }]]), 'Hello\n');
});

test('what the whole has more than its pieces is added; a whole that differs stands on a line of its own', () => {
  assert.equal(play([[{ text: 'Hel' }], partial], [[{ text: 'Hello' }]]), 'Hello\n');
  assert.equal(play([[{ text: 'Wrong' }], partial], [[{ text: 'Right' }]]), 'Wrong\nRight\n');
});

test('a whole of text, call and text again is matched with its pieces part by part', () => {
  const call = { functionCall: { id: '1', name: 'tasks', args: {} } };
  const seen = play([[{ text: 'one ' }], partial], [[{ text: 'one ' }, call, { text: 'two' }]]);
  assert.equal(seen, 'one \n→ tasks\ntwo\n');
});

test('thoughts and the person’s own words are not shown', () => {
  assert.equal(play([[{ text: 'hm', thought: true }]], [[{ text: 'hi' }], { author: 'user' }]), '');
});

test('calls and results stand on lines of their own, cut to a line; a failed result shows its error', () => {
  const long = 'x'.repeat(500);
  const seen = play(
    [[{ text: 'Wait' }], partial],
    [[{ text: 'Wait' }, { functionCall: { name: 'bash', args: { command: `a\nb ${long}` } } }]],
    [[{ functionResponse: { name: 'bash', response: { error: 'exit 1', code: 'X' } } }]],
  );
  const [text, call, result, rest] = seen.split('\n');
  assert.equal(text, 'Wait');
  assert.match(call ?? '', /^→ bash \{"command":"a\\nb x+…$/);
  assert.equal(result, '✗ bash: exit 1');
  assert.equal(rest, '');
});

test('nothing that came from outside can move the cursor, set the title or reverse the text', () => {
  const evil = 'a\u001b]0;title\u0007b\u009b2Jc\u202ed\u0000\r';
  const seen = play(
    [[{ text: evil }]],
    [[{ functionCall: { name: evil, args: { [evil]: evil } } }]],
    [[{ functionResponse: { name: evil, response: { error: evil } } }]],
    [[], { errorCode: 'X', errorMessage: evil }],
  );
  for (const char of seen) {
    const code = char.codePointAt(0) ?? 0;
    assert.ok(code === 10 || (code >= 32 && !(code >= 127 && code < 160) && code !== 0x202e), `U+${code.toString(16)}`);
  }
});

test('a text that was cut is finished with the reason, once', () => {
  const reason = { errorCode: 'CANCELLED', errorMessage: 'This turn was stopped: enough.' };
  const seen = play(
    [[{ text: 'Once upon' }], partial],
    [[{ text: 'Once upon\n[This turn was stopped: enough.]' }], reason],
  );
  assert.equal(seen, 'Once upon\n[This turn was stopped: enough.]\n');
});

test('a failure is remembered for the exit code, whether an event or the stream’s end tells it', () => {
  const first = plainView();
  first.view.show(makeEvent('t1', [], { errorCode: 'MODEL', errorMessage: 'out of credits' }));
  assert.equal(first.view.hasFailed, true);
  const second = plainView();
  second.view.show({ error: 'cut', code: 'INTERNAL' });
  assert.equal(second.view.hasFailed, true);
  assert.equal(second.seen(), 'cut\n');
});
