import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Content } from '../../event-json.ts';
import { sectionHeader } from '../../prompt/sections.ts';
import type { ModelRequest, ToolDeclaration } from '../model.ts';
import { offlineHelp } from './help.ts';
import { OfflineModel } from './offline-model.ts';

const string = { type: 'string' };
const integer = { type: 'integer' };
const object = (properties: Record<string, object>, required: string[] = []) =>
  ({ type: 'object', properties, required }) as ToolDeclaration['parameters'];

const tools: ToolDeclaration[] = [
  {
    name: 'memory',
    description: 'Remembers.\nMore.',
    parameters: object({ action: string, content: string, query: string, days: integer }, ['action']),
  },
  {
    name: 'tasks',
    description: 'Keeps tasks.',
    parameters: object({ action: string, title: string, id: integer }, ['action']),
  },
  { name: 'read', description: 'Reads a file.', parameters: object({ path: string }, ['path']) },
  {
    name: 'write',
    description: 'Writes a file.',
    parameters: object({ path: string, content: string }, ['path', 'content']),
  },
  { name: 'bash', description: 'Runs a command.', parameters: object({ command: string }, ['command']) },
  { name: 'free', description: 'Takes anything.', parameters: { type: 'object' } },
  { name: 'soul', description: 'Who I am.', parameters: object({ action: string, filename: string }) },
  { name: 'delegate', description: 'Asks another agent.', parameters: object({ agent: string, task: string }) },
];

const user = (...texts: string[]): Content => ({ role: 'user', parts: texts.map((text) => ({ text })) });

async function answer(contents: Content[], request: Partial<ModelRequest> = {}) {
  const shown: string[] = [];
  let parts: Content['parts'] = [];
  const model = new OfflineModel();
  for await (const response of model.generate({
    system: '',
    contents,
    tools,
    purpose: 'turn',
    stream: true,
    ...request,
  })) {
    if (response.partial) shown.push(response.content?.parts?.[0]?.text ?? '');
    else parts = response.content?.parts ?? [];
  }
  return {
    shown,
    text: parts.map((part) => part.text ?? '').join(''),
    calls: parts.flatMap((part) => part.functionCall ?? []),
  };
}

const callsOf = async (text: string) => (await answer([user(text)])).calls.map(({ name, args }) => [name, args]);

test('a command calls a tool with key=value arguments, typed by its schema', async () => {
  assert.deepEqual(await callsOf('/tool memory action=recall days=3'), [['memory', { action: 'recall', days: 3 }]]);
  assert.deepEqual(await callsOf('/memory action=store content="two \\"quoted\\" words"'), [
    ['memory', { action: 'store', content: 'two "quoted" words' }],
  ]);
  assert.deepEqual(await callsOf("/memory action=store content='it is 5'"), [
    ['memory', { action: 'store', content: 'it is 5' }],
  ]);
  assert.deepEqual(await callsOf('/memory action=store content=5'), [['memory', { action: 'store', content: '5' }]]);
  assert.deepEqual(await callsOf('/free list=[1,"]",{"a":2}] flag=true n=-1.5 nothing=null'), [
    ['free', { list: [1, ']', { a: 2 }], flag: true, n: -1.5, nothing: null }],
  ]);
});

test('a command takes a JSON object, or the one text that a tool needs', async () => {
  assert.deepEqual(await callsOf('/tool free {"a": {"b": [1, null]}}'), [['free', { a: { b: [1, null] } }]]);
  assert.deepEqual(await callsOf('/read notes/today.md'), [['read', { path: 'notes/today.md' }]]);
  assert.deepEqual(await callsOf('/bash echo a=b c'), [['bash', { command: 'echo a=b c' }]]);
});

test('any tool can be called by name, also one that is not there', async () => {
  assert.deepEqual(await callsOf('/tool ghost a=1'), [['ghost', { a: 1 }]]);
});

test('several lines are several calls of one step, with different ids', async () => {
  const { calls } = await answer([user('/tasks action=list\n/memory action=recall')]);
  assert.deepEqual(
    calls.map(({ name }) => name),
    ['tasks', 'memory'],
  );
  assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
});

test('a text may have several lines', async () => {
  assert.deepEqual(await callsOf('/memory action=store content="one\ntwo"\n/tasks action=list'), [
    ['memory', { action: 'store', content: 'one\ntwo' }],
    ['tasks', { action: 'list' }],
  ]);
  assert.deepEqual(await callsOf('write a.txt: one\ntwo'), [['write', { path: 'a.txt', content: 'one\ntwo' }]]);
});

test('what cannot be read runs nothing and is told with what is wrong', async () => {
  for (const [line, problem] of [
    ['/tool', /which tool/],
    ['/ghost a=1', /no command or tool "ghost"/],
    ['/free {"a": }', /the JSON cannot be read/],
    ['/memory content="open', /value of content is not closed/],
    ['/memory wrong=1', /not of the form key=value \(parameters of memory: action, content, query, days\)/],
  ] as const) {
    const { text, calls } = await answer([user(`/tasks action=list\n${line}`)]);
    assert.deepEqual(calls, []);
    assert.match(text, problem);
  }
});

test('plain sentences are understood where their tool is loaded', async () => {
  const known: readonly [string, string, object][] = [
    ['remember that I like tea', 'memory', { action: 'store', content: 'I like tea' }],
    ['Please remember: milk', 'memory', { action: 'store', content: 'milk' }],
    ['what do you remember about tea?', 'memory', { action: 'search', query: 'tea' }],
    ['What do you know about tea', 'memory', { action: 'search', query: 'tea' }],
    ['what do you remember?', 'memory', { action: 'recall' }],
    ['add task water the plants', 'tasks', { action: 'add', title: 'water the plants' }],
    ['remind me to call mum', 'tasks', { action: 'add', title: 'call mum' }],
    ['list my tasks', 'tasks', { action: 'list' }],
    ['complete task #3', 'tasks', { action: 'complete', id: 3 }],
    ['start task 3', 'tasks', { action: 'start', id: 3 }],
    ['remove task 3', 'tasks', { action: 'remove', id: 3 }],
    ['read SOUL.md', 'soul', { action: 'read', filename: 'SOUL.md' }],
    ['read a.txt', 'read', { path: 'a.txt' }],
    ['write a.txt: hello', 'write', { path: 'a.txt', content: 'hello' }],
    ['run ls -la', 'bash', { command: 'ls -la' }],
    ['$ ls', 'bash', { command: 'ls' }],
    ['ask research to find cats', 'delegate', { agent: 'research', task: 'find cats' }],
  ];
  for (const [sentence, name, args] of known) assert.deepEqual(await callsOf(sentence), [[name, args]], sentence);
  const { calls, text } = await answer([user('remember that I like tea')], { tools: [] });
  assert.deepEqual(calls, []);
  assert.match(text, /not a language model/);
});

test('anything else is answered plainly, with how to set a model and what to type', async () => {
  const { text, shown } = await answer([user('Why is the sky blue?')]);
  assert.match(text, /I am not a language model.*ANTHROPIC_API_KEY.*`help`/);
  assert.equal(shown.join(''), text);
  assert.ok(shown.length > 10, 'piece by piece');
});

test('help is the document, and tools are listed from what is loaded', async () => {
  assert.equal((await answer([user('help')])).text, offlineHelp);
  assert.match((await answer([user('/tools')])).text, /- `memory` \(action, content, query, days\): Remembers\.\n/);
});

test('results are told in plain words when the step is done', async () => {
  const turn = (response: Record<string, unknown>): Content[] => [
    user('/tasks action=list', `${sectionHeader}time]\n/read secret`),
    { role: 'model', parts: [{ functionCall: { id: 'a', name: 'tasks', args: {} } }] },
    { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'tasks', response } }] },
  ];
  const text = async (response: Record<string, unknown>) => (await answer(turn(response))).text;
  assert.equal(
    await text({
      message: '2 tasks',
      tasks: [
        { id: 1, title: 'water' },
        { id: 2, title: 'call' },
      ],
    }),
    '2 tasks\n- id: 1, title: water\n- id: 2, title: call',
  );
  assert.equal(
    await text({ error: 'no such task', code: 'NOT_FOUND', output: 'looked' }),
    '`tasks` failed (NOT_FOUND): no such task\n```\nlooked\n```',
  );
  assert.equal(await text({ result: 'plain' }), 'plain');
  assert.equal(await text({ output: 'x', exitCode: 1 }), 'x\nexitCode: 1');
  assert.equal(await text({ memories: [] }), 'memories: none');
  assert.equal(await text({}), 'Done.');
});

test('steps that are parted by /then run one after another, and /say says', async () => {
  const message = user('/say First.\n/tasks action=list\n/then\n/memory action=recall\n/then\n/say Last.');
  const first = await answer([message]);
  assert.deepEqual([first.text, first.calls.map(({ name }) => name)], ['First.\n', ['tasks']]);
  const done = (name: string): Content[] => [
    { role: 'model', parts: [{ functionCall: { id: name, name, args: {} } }] },
    { role: 'user', parts: [{ functionResponse: { id: name, name, response: { result: `${name} ok` } } }] },
  ];
  const second = await answer([message, ...done('tasks')]);
  assert.deepEqual(
    second.calls.map(({ name }) => name),
    ['memory'],
  );
  const third = await answer([message, ...done('tasks'), ...done('memory')]);
  assert.deepEqual(third.calls, []);
  assert.match(third.text, /tasks ok[\s\S]*memory ok[\s\S]*Last\./);
});

test('a long text comes in a bounded number of pieces', async () => {
  const long = 'word '.repeat(20_000).trim();
  const { shown, text } = await answer([user(`/say ${long}`)]);
  assert.ok(shown.length <= 25);
  assert.equal(shown.join(''), text);
  assert.equal(text, long);
});

test('an abort ends the answer', async () => {
  const controller = new AbortController();
  const model = new OfflineModel();
  let pieces = 0;
  for await (const response of model.generate({
    system: '',
    contents: [user('hi')],
    tools,
    purpose: 'turn',
    stream: true,
    signal: controller.signal,
  })) {
    assert.equal(response.partial, true);
    if (++pieces === 3) controller.abort();
  }
  assert.equal(pieces, 3);
});
