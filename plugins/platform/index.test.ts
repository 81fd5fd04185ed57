import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import platform from './index.ts';
import { startPlatformClaw } from './testing/platform-claw.ts';
import { RateLimit } from './testing/rate-limit.ts';

const challenge = 'POST /api/agents/challenge';
const me = { tool: 'platform.get_me' };
const post = { title: 'Tea', summary: 'On tea.', body: 'It is hot.', tags: ['tea'] };

interface Found {
  readonly tools: readonly { readonly id: string; readonly kind: string; readonly params: readonly JsonObject[] }[];
  readonly count: number;
}

test('a claw that was told of no platform has no tools for one, and says what to do', async () => {
  await using claw = await createTestHost(platform);
  assert.deepEqual(
    [...claw.capabilities.keys()].filter((name) => name.startsWith('tool:platform')),
    [],
  );
  assert.match(await claw.command('platform'), /Set GATHER_BASE_URL/);
});

test('tools are found by words in the platform’s own description, reads told from writes', async () => {
  await using world = await startPlatformClaw();
  const found = (await world.claw.tool('platform_search', { query: 'create a post' })) as unknown as Found;
  assert.partialDeepStrictEqual(found.tools[0], {
    id: 'social.create_post',
    category: 'social',
    method: 'POST',
    endpoint: '/api/posts',
    kind: 'write',
    source: 'openapi',
  });
  assert.deepEqual(
    found.tools[0]?.params.map(({ name, type, required }) => [name, type, required]),
    [
      ['title', 'string', true],
      ['summary', 'string', true],
      ['body', 'string', true],
      ['tags', 'array', true],
    ],
  );
  assert.ok(found.count <= 5);
  const inbox = (await world.claw.tool('platform_search', { query: 'inbox', category: 'msg' })) as unknown as Found;
  assert.deepEqual(
    inbox.tools.map(({ id, kind }) => [id, kind]),
    [
      ['msg.list_inbox', 'read'],
      ['msg.read_inbox', 'write'],
    ],
  );
  assert.deepEqual(await world.claw.tool('platform_search', { query: 'zebra' }), {
    tools: [],
    count: 0,
    categories: ['msg', 'platform', 'social'],
  });
  for (const query of ['challenge', 'authenticate', 'evil', 'work'])
    assert.doesNotMatch(
      JSON.stringify(await world.claw.tool('platform_search', { query })),
      /pow_challenge|agent_challenge|authenticate|evil/,
    );
});

test('the claw logs in by signing the nonce once, however many ask at once, and again before the token ends', async () => {
  await using world = await startPlatformClaw();
  await world.claw.tool('platform_search', { query: 'me' });
  const answers = await Promise.all(Array.from({ length: 5 }, () => world.claw.tool('platform_call', me)));
  for (const answer of answers) assert.match(String((answer as JsonObject).result), /"agent_id":"agent-1"/);
  assert.equal(world.server.count(challenge), 1);
  await world.clock.advance(3539_000);
  await world.claw.tool('platform_call', me);
  assert.equal(world.server.count(challenge), 1);
  await world.clock.advance(2000);
  await world.claw.tool('platform_call', me);
  assert.equal(world.server.count(challenge), 2);
  const seen = JSON.stringify([world.claw.logs, answers, await world.claw.command('platform')]);
  assert.doesNotMatch(seen, /eyJ/);
  assert.match(seen, new RegExp(`agent-1.*${world.fingerprint}`));
});

test('a token that is not taken any more is replaced once', async () => {
  await using world = await startPlatformClaw();
  await world.claw.tool('platform_call', me);
  world.server.accounts.changeSigningKey();
  assert.partialDeepStrictEqual(await world.claw.tool('platform_call', me), { status: 200 });
  assert.equal(world.server.count(challenge), 2);
});

test('a challenge that somebody else has replaced or used up is asked for again, once', async () => {
  for (const disturb of ['replace', 'use up'] as const) {
    await using world = await startPlatformClaw();
    const { accounts } = world.server;
    let disturbances = 1;
    world.server.onRequest = ({ url }) => {
      if (url !== '/api/agents/authenticate' || disturbances-- <= 0) return;
      if (disturb === 'replace') accounts.challenge(world.publicKey);
      else assert.throws(() => accounts.authenticate(world.publicKey, 'AAAA'), /Bad signature/);
    };
    assert.partialDeepStrictEqual(await world.claw.tool('platform_call', me), { status: 200 }, disturb);
    assert.equal(world.server.count(challenge), 2);
    accounts.changeSigningKey();
    disturbances = 2;
    await assert.rejects(world.claw.tool('platform_call', me), {
      message: /The login: the platform answered HTTP 40[01]/,
    });
  }
});

test('who waits for the login of somebody who gave up logs in himself', async () => {
  await using world = await startPlatformClaw();
  await world.claw.tool('platform_search', { query: 'me' });
  const held = Promise.withResolvers<void>();
  world.server.hold = held.promise;
  const stop = new AbortController();
  const impatient = world.claw.tool('platform_call', me, { signal: stop.signal });
  await untilSeen(() => world.server.count(challenge) === 1);
  const patient = world.claw.tool('platform_call', me);
  stop.abort();
  await assert.rejects(impatient, { code: 'CANCELLED' });
  held.resolve();
  assert.partialDeepStrictEqual(await patient, { status: 200 });
});

test('a claw that the platform does not know is told how to get there, and registers with a proof of work', async () => {
  await using world = await startPlatformClaw({ isRegistered: false });
  await assert.rejects(world.claw.tool('platform_call', me), { code: 'NOT_FOUND', message: /platform_register/ });
  // Work that nobody would take is not begun.
  await assert.rejects(world.claw.tool('platform_call', { tool: 'social.create_post', params: post }), {
    code: 'NOT_FOUND',
  });
  assert.equal(world.server.count('POST /api/pow/challenge'), 0);
  const registered = await world.claw.tool('platform_register', { name: 'Clay', description: 'A claw.' });
  assert.partialDeepStrictEqual(registered, {
    agent_id: 'agent-1',
    verification_code: 'code-1',
    fingerprint: world.fingerprint,
  });
  assert.partialDeepStrictEqual(await world.claw.tool('platform_call', me), { status: 200 });
  await assert.rejects(world.claw.tool('platform_register', { name: 'Clay' }), {
    code: 'BAD_ARGUMENTS',
    message: /HTTP 400 \(The key is registered already\.\)/,
  });
});

test('registering by its tool of the platform fills in the key and the work', async () => {
  await using world = await startPlatformClaw({ isRegistered: false });
  const answer = await world.claw.tool('platform_call', { tool: 'platform.register_agent', params: { name: 'Clay' } });
  assert.partialDeepStrictEqual(answer, { status: 200 });
  assert.equal(world.server.accounts.agents[0]?.fingerprint, world.fingerprint);
});

test('a post is made with its proof of work, read back, and commented on', async () => {
  await using world = await startPlatformClaw();
  const made = (await world.claw.tool('platform_call', { tool: 'social.create_post', params: post })) as JsonObject;
  assert.partialDeepStrictEqual(made, { tool: 'social.create_post', status: 201 });
  assert.deepEqual(world.server.posts, [{ id: 'post-1', author: 'clay', ...post }]);
  const one = await world.claw.tool('platform_call', { tool: 'social.get_post', params: { id: 'post-1' } });
  assert.match(
    String((one as JsonObject).result),
    /^<foreign-\w+ origin="tool" source="127\.0\.0\.1:\d+ social\.get_post">[\s\S]*It is hot\./,
  );
  const params = { id: 'post-1', body: 'Indeed.', body_id: 'x' };
  await world.claw.tool('platform_call', { tool: 'social.create_comment', params });
  assert.deepEqual(world.server.seen.at(-1)?.body, { body: 'Indeed.', id: 'x' });
});

test('old ids and other spellings lead to the tool that is meant, and unknown ones to those near it', async () => {
  await using world = await startPlatformClaw();
  for (const tool of ['platform.list_posts', 'social.list-posts', 'list_posts'])
    assert.partialDeepStrictEqual(await world.claw.tool('platform_call', { tool }), { tool: 'social.list_posts' });
  await assert.rejects(world.claw.tool('platform_call', { tool: 'social.delete_post' }), {
    code: 'NOT_FOUND',
    message: /no tool "social\.delete_post"\. Near to it: social\./,
  });
});

test('what a parameter holds stays one segment of the path or one value of the query', async () => {
  await using world = await startPlatformClaw();
  const { claw, server } = world;
  const query = {
    q: 'a&b=c#d/ü +%',
    sort: 'newest',
    limit: '5',
    tag: ['x y', 'z'],
    expand: ['body', 'comments'],
  } as const;
  await claw.tool('platform_call', { tool: 'social.list_posts', params: query });
  const asked = new URL(server.seen.at(-1)?.url ?? '', 'http://x');
  assert.deepEqual(
    [...asked.searchParams],
    [
      ['q', 'a&b=c#d/ü +%'],
      ['sort', 'newest'],
      ['limit', '5'],
      ['tag', 'x y'],
      ['tag', 'z'],
      ['expand', 'body,comments'],
    ],
  );
  const get = (id: Json) => claw.tool('platform_call', { tool: 'social.get_post', params: { id } });
  for (const id of ['../agents/me', 'a/b?c=d#e', '%2e%2e', '{id}', '$&']) {
    await assert.rejects(get(id), { code: 'NOT_FOUND' }, id);
    assert.equal(server.seen.at(-1)?.url, `/api/posts/${encodeURIComponent(id)}`);
  }
  const before = server.seen.length;
  for (const id of ['.', '..', '']) await assert.rejects(get(id), { code: 'BAD_ARGUMENTS', message: /names nothing/ });
  assert.equal(server.seen.length, before);
});

test('everything that is wrong with parameters is told before anything is sent', async () => {
  await using world = await startPlatformClaw();
  const call = (tool: string, params: JsonObject) => world.claw.tool('platform_call', { tool, params });
  await call('social.list_posts', {});
  const before = world.server.seen.length;
  await assert.rejects(call('social.create_post', { title: 'x', body: 5, tags: ['No!'], colour: 'red' }), {
    code: 'BAD_ARGUMENTS',
    message:
      /^The params of social\.create_post are wrong: .*body must be.*tags\[0\].*colour.*summary is required.*It takes: title \(string, required\)/,
  });
  await assert.rejects(call('social.list_posts', { sort: 'worst', limit: 1000 }), {
    message: /sort must be one of.*limit/,
  });
  await assert.rejects(call('social.list_posts', { Authorization: 'Bearer x' }), { message: /Authorization/ });
  await assert.rejects(call('social.create_post', { ...post, pow_nonce: '1' }), { message: /pow_nonce/ });
  assert.equal(world.server.seen.length, before);
});

test('what the platform refuses keeps its words, marked as those of others', async () => {
  await using world = await startPlatformClaw();
  await assert.rejects(
    world.claw.tool('platform_call', { tool: 'social.get_post', params: { id: 'none' } }),
    (error: { code: string; message: string; details: { output: string } }) =>
      error.code === 'NOT_FOUND' &&
      /HTTP 404 \(There is no none\.\)/.test(error.message) &&
      /^<foreign-/.test(error.details.output),
  );
});

test('a write that is redirected has not been done', async () => {
  await using world = await startPlatformClaw();
  world.server.redirect = '/api/inbox/note-1/read';
  const params = { id: 'note-1' };
  await assert.rejects(world.claw.tool('platform_call', { tool: 'msg.read_inbox', params }), {
    code: 'UNAVAILABLE',
    message: /HTTP 307/,
  });
});

test('a request that comes too soon waits as long as the platform says', async () => {
  await using world = await startPlatformClaw();
  await world.claw.tool('platform_search', { query: 'post' });
  world.server.limit = new RateLimit(world.clock, 60, 2);
  const list = () => world.claw.tool('platform_call', { tool: 'social.list_posts' });
  await Promise.all([list(), list()]);
  const third = list();
  await untilSeen(() => world.server.seen.length === 4);
  await world.clock.advance(1000);
  assert.partialDeepStrictEqual(await third, { status: 200 });
  assert.equal(world.server.count('GET /api/posts'), 4);
});

test('a wait that is too long is told instead', async () => {
  await using world = await startPlatformClaw();
  await world.claw.tool('platform_search', { query: 'post' });
  world.server.limit = new RateLimit(world.clock, 0.1, 0);
  await assert.rejects(world.claw.tool('platform_call', { tool: 'social.list_posts' }, { timeoutMs: 3_600_000 }), {
    code: 'UNAVAILABLE',
    message: /Try again in 600 seconds/,
    details: { data: { retryAfterSeconds: 600 } },
  });
});

test('the description is asked for changes when it is old, kept over restarts, and better old than none', async () => {
  await using world = await startPlatformClaw();
  const asked = () => world.server.count('GET /openapi.json');
  const search = async (query: string) =>
    ((await world.claw.tool('platform_search', { query })) as unknown as Found).count;
  assert.equal(await search('post'), 4);
  await search('inbox');
  await world.restart();
  await search('inbox');
  assert.equal(asked(), 1);
  await world.clock.advance(3_600_001);
  assert.equal(await search('post'), 4);
  assert.equal(asked(), 2);
  assert.equal(world.server.unchanged, 1);
  const { paths: _paths, ...rest } = world.server.document as JsonObject;
  const zebra = { get: { operationId: 'list-zebras', tags: ['Zoo'], summary: 'Zebras' } };
  world.server.document = { ...rest, paths: { '/api/zebras': zebra } };
  await world.clock.advance(3_600_001);
  assert.equal(await search('zebra'), 1);
  world.server.document = 'no document at all';
  await world.clock.advance(3_600_001);
  assert.equal(await search('zebra'), 1);
  world.server.document = { swagger: '2.0' };
  await world.clock.advance(3_600_001);
  assert.equal(await search('zebra'), 1);
  await world.restart();
  assert.equal(await search('zebra'), 1);
  assert.ok(world.claw.logs.some(({ event }) => event === 'platform.document.old'));
});

test('a platform without a description is told as that', async () => {
  await using world = await startPlatformClaw();
  world.server.document = { swagger: '2.0' };
  await assert.rejects(world.claw.tool('platform_search', { query: 'x' }), {
    code: 'UNAVAILABLE',
    message: /no OpenAPI 3 document/,
  });
});

test('where the operator wants it, a write waits for a person’s yes and a read does not', async () => {
  let answer: Json = { choice: 'yes' };
  const asked: JsonObject[] = [];
  const ask = (args: Json) => {
    asked.push(args as JsonObject);
    return answer;
  };
  await using world = await startPlatformClaw({ config: { confirm: 'writes' }, ask });
  const create = () => world.claw.tool('platform_call', { tool: 'social.create_post', params: post });
  await world.claw.tool('platform_call', { tool: 'social.list_posts' });
  assert.equal(asked.length, 0);
  await create();
  assert.match(
    String(asked[0]?.question),
    /^May I use social\.create_post on 127.*\n\n```\ntitle: Tea\nsummary: On tea\.\nbody: It is hot\.\ntags: \["tea"\]\n```$/,
  );
  for (const [choice, code] of [
    [{ choice: 'no', by: 'ada' }, 'REFUSED'],
    [{ choice: null, reason: 'timeout' }, 'NEEDS_APPROVAL'],
  ] as const) {
    answer = choice;
    await assert.rejects(create(), { code });
  }
  assert.equal(world.server.posts.length, 1);
});

test('a claw that cannot ask does not write where a yes is wanted', async () => {
  await using world = await startPlatformClaw({ config: { confirm: 'writes' } });
  await assert.rejects(world.claw.tool('platform_call', { tool: 'social.create_post', params: post }), {
    code: 'NEEDS_APPROVAL',
    message: /no way to ask/,
  });
});

test('work that is too hard is refused, and work that is cancelled ends', async () => {
  await using world = await startPlatformClaw({ config: { maxDifficulty: 40 } });
  world.server.accounts.difficulty = 41;
  const create = (signal?: AbortSignal) =>
    world.claw.tool(
      'platform_call',
      { tool: 'social.create_post', params: post },
      signal === undefined ? {} : { signal },
    );
  await assert.rejects(create(), { code: 'REFUSED', message: /41 zero bits; this claw computes at most 40/ });
  world.server.accounts.difficulty = 40;
  const stop = new AbortController();
  const running = create(stop.signal);
  await untilSeen(() => world.claw.progress.length > 0);
  assert.match(world.claw.progress[0] ?? '', /proof of work: 0\.5 of about 1099511\.6 million hashes/);
  stop.abort();
  await assert.rejects(running, { code: 'CANCELLED' });
});

/** Waits for something that happens without the clock. */
async function untilSeen(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
