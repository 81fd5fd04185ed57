import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, definePlugin, type Json } from '../index.ts';
import { createTestHost } from './test-host.ts';

const dice = definePlugin({
  name: 'dice',
  setup(ctx) {
    ctx.tool({
      name: 'roll',
      description: 'Rolls a die.',
      parameters: { type: 'object', properties: { sides: { type: 'integer', minimum: 2 } }, required: ['sides'] },
      run: ({ sides }) => ({ rolled: 1 + Math.floor(Math.random() * Number(sides)) }),
    });
  },
});

test('a die has as many sides as asked for', async () => {
  await using host = await createTestHost(dice);
  const { rolled } = (await host.tool('roll', { sides: 2 })) as { rolled: number };
  assert.ok(rolled === 1 || rolled === 2);
  await assert.rejects(host.tool('roll', { sides: 1 }), {
    code: 'BAD_ARGUMENTS',
    message: 'The arguments of tool:roll do not fit: sides: must be at least 2, not 1.',
  });
});

const notes = definePlugin({
  name: 'notes',
  tables: ['notes'],
  setup(ctx) {
    ctx.store.migrations([
      { id: '001_notes', sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, raw BLOB)' },
    ]);
    ctx.tool({
      name: 'note',
      description: 'Keeps a note.',
      run: async () => {
        const raw = new Uint8Array([1, 2, 255]);
        const { changes, lastInsertRowid } = await ctx.store.sql('INSERT INTO notes (text, raw) VALUES (?, ?)', [
          'hi',
          raw,
        ]);
        const { rows } = await ctx.store.sql('SELECT * FROM notes');
        return {
          changes,
          lastInsertRowid,
          text: rows[0]?.text ?? null,
          bytes: [...((rows[0]?.raw ?? []) as Uint8Array)],
        };
      },
    });
    ctx.tool({
      name: 'fail_half',
      description: 'Fails in the middle of a transaction.',
      run: () =>
        ctx.store.transaction([
          { sql: "INSERT INTO notes (text) VALUES ('half')" },
          { sql: 'INSERT INTO nowhere VALUES (1)' },
        ]) as never,
    });
    ctx.tool({
      name: 'count',
      description: 'Counts.',
      run: async () => (await ctx.store.sql('SELECT count(*) AS n FROM notes')).rows[0]?.n,
    });
    ctx.tool({
      name: 'steal',
      description: 'Reads a foreign table.',
      run: async () => (await ctx.store.sql('SELECT * FROM sqlite_master')).changes,
    });
    ctx.tool({
      name: 'kv',
      description: 'Keeps a value.',
      run: async () => {
        await ctx.store.set('a/1', { deep: [1] });
        await ctx.store.set('b', null);
        return {
          keys: await ctx.store.list('a/'),
          value: await ctx.store.get('a/1'),
          none: (await ctx.store.get('x')) === undefined,
          isNull: await ctx.store.get('b'),
        };
      },
    });
  },
});

test('a plugin keeps rows with bytes in its own tables', async () => {
  await using host = await createTestHost(notes);
  assert.deepEqual(await host.tool('note'), { changes: 1, lastInsertRowid: 1, text: 'hi', bytes: [1, 2, 255] });
});

test('what plugin.json says holds for a plugin whose definition does not say it', async () => {
  const { tables: _, ...code } = notes;
  await assert.rejects(createTestHost(code), {
    code: 'REFUSED',
    message:
      'The table "notes" does not belong to the plugin "notes". Its tables are: none. Is plugin.json given to the test host? createTestHost(plugin, { manifest })',
  });
  await using host = await createTestHost(code, { manifest: { name: 'notes', tables: ['notes'] } });
  assert.equal(await host.tool('count'), 0);
});

test('a transaction that fails leaves nothing behind', async () => {
  await using host = await createTestHost(notes);
  await assert.rejects(host.tool('fail_half'), { code: 'BAD_ARGUMENTS', message: /nowhere/ });
  assert.equal(await host.tool('count'), 0);
});

test("a table that is not the plugin's is refused by name", async () => {
  await using host = await createTestHost(notes);
  await assert.rejects(host.tool('steal'), {
    code: 'REFUSED',
    message: 'The table "sqlite_master" does not belong to the plugin "notes". Its tables are: notes.',
  });
});

test('keys and values are kept, and an absent key is not null', async () => {
  await using host = await createTestHost(notes);
  assert.deepEqual(await host.tool('kv'), { keys: ['a/1'], value: { deep: [1] }, none: true, isNull: null });
});

test('events, prompts, commands, routes and schedules of a plugin can be played', async () => {
  const heard: string[] = [];
  const plugin = definePlugin({
    name: 'everything',
    setup(ctx) {
      ctx.on('turn.ended', ({ text }) => {
        heard.push(text);
      });
      ctx.prompt({ name: 'mood', placement: 'system', render: ({ user }) => `Be kind to ${user}.` });
      ctx.command({ name: 'echo', description: 'Echoes.', run: (argument) => argument });
      ctx.route({
        method: 'POST',
        path: '/hook/:id',
        access: 'public',
        handle: ({ params, body }) => ({ status: 201, body: `${params.id} ${body}` }),
      });
      ctx.schedule({ name: 'tick', everyMs: 60_000, run: () => heard.push('tick') });
    },
  });
  await using host = await createTestHost(plugin);
  await host.emit('turn.ended', { user: 'u', session: 's', turn: 't', text: 'bye', failed: false });
  assert.equal(await host.prompt('mood', { user: 'Ada' }), 'Be kind to Ada.');
  assert.equal(await host.command('echo', 'hello'), 'hello');
  assert.deepEqual(await host.route('POST', '/hook/:id', { params: { id: '7' }, body: 'x' }), {
    status: 201,
    body: '7 x',
  });
  await host.advance(120_000);
  assert.deepEqual(heard, ['bye', 'tick', 'tick']);
});

test('HTTP is answered by the test, and a secret is filled in on the way', async () => {
  const plugin = definePlugin({
    name: 'weather',
    permissions: ['http:api.example.com', 'secret:KEY@api.example.com'],
    setup(ctx) {
      ctx.tool({
        name: 'weather',
        description: 'Tells the weather.',
        run: async () => {
          const response = await ctx.http.fetch('https://api.example.com/now', {
            headers: { authorization: `Bearer ${ctx.secrets.handle('KEY')}` },
          });
          return { status: response.status, ...(response.json() as Record<string, Json>) };
        },
      });
    },
  });
  const http = (request: Request) => Response.json({ key: request.headers.get('authorization') });
  await using host = await createTestHost(plugin, { http, secrets: { KEY: 's3cret' } });
  assert.deepEqual(await host.tool('weather'), { status: 200, key: 'Bearer s3cret' });
  assert.equal(host.requests[0]?.url, 'https://api.example.com/now');
});

test('another plugin is reached only when the manifest names it', async () => {
  const setup: Parameters<typeof definePlugin>[0]['setup'] = (ctx) =>
    ctx.tool({ name: 'ask', description: 'Asks.', run: () => ctx.call('service:memory.search', { query: 'x' }) });
  const provided = { 'service:memory.search': (args: Json) => ({ found: args }) };
  await using named = await createTestHost(definePlugin({ name: 'a', requires: ['service:memory.search'], setup }), {
    provided,
  });
  assert.deepEqual(await named.tool('ask'), { found: { query: 'x' } });
  await using unnamed = await createTestHost(definePlugin({ name: 'a', setup }), { provided });
  await assert.rejects(unnamed.tool('ask'), { code: 'CAPABILITY_UNDECLARED' });
});

test('a setup that throws is told with its phase and place', async () => {
  const broken = definePlugin({
    name: 'broken',
    setup() {
      throw new Error('no luck');
    },
  });
  await assert.rejects(createTestHost(broken), (error) => {
    assert.ok(error instanceof ClayError);
    assert.equal(error.message, 'no luck');
    assert.equal(error.details.phase, 'setup');
    assert.match(JSON.stringify(error.details.data), /test-host\.test\.ts:\d+:\d+/);
    return true;
  });
});
