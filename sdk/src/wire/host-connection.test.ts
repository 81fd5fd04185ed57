import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { StreamEvent } from '../call.ts';
import { ClayError, definePlugin, type Json, type PluginDefinition } from '../index.ts';
import { runPlugin } from '../runtime/plugin-runtime.ts';
import type { Schema } from '../schema/schema.ts';
import { createFakeClock, type FakeClock, settle } from '../testing/fake-clock.ts';
import { HostConnection, type ServedAnswer, type ServedRequest } from './host-connection.ts';
import { createMemoryPorts } from './memory-port.ts';
import type { Fault, HostMessage, LogMessage, PluginMessage, Ready } from './message.ts';
import type { CallOut } from './outgoing-calls.ts';
import type { Port } from './port.ts';
import { createHostStreamPort, createPluginStreamPort } from './stream-port.ts';

interface Line {
  readonly host: Port<HostMessage, PluginMessage>;
  readonly plugin: Port<PluginMessage, HostMessage>;
}

function createStreamPorts(): Line {
  const [up, down] = [new PassThrough(), new PassThrough()];
  return {
    host: createHostStreamPort({ readable: up, writable: down }),
    plugin: createPluginStreamPort({ readable: down, writable: up }),
  };
}

interface Running extends Line {
  readonly connection: HostConnection;
  readonly clock: FakeClock;
  readonly logs: LogMessage[];
  readonly faults: Fault[];
  start(): Promise<Ready>;
}

const paths = { root: '/r', data: '/r/data', soul: '/r/soul', public: '/r/public', extensions: '/r/data/extensions' };

for (const [where, create] of [
  ['in memory', createMemoryPorts],
  ['over streams', createStreamPorts],
] as const) {
  const run = (
    definition: PluginDefinition<Schema>,
    serve: (request: ServedRequest) => Promise<ServedAnswer> = async () => ({ value: null }),
  ): Running => {
    const line = create();
    const clock = createFakeClock();
    const logs: LogMessage[] = [];
    const faults: Fault[] = [];
    const connection = new HostConnection(line.host, clock, {
      serve,
      log: (one) => logs.push(one),
      fault: (one) => faults.push(one),
    });
    runPlugin(definition, line.plugin, { clock });
    const start = () =>
      connection.start(
        { plugin: definition.name, version: '1.2.3', generation: 4 },
        { config: {}, paths, secrets: [] },
        1000,
      );
    return { ...line, connection, clock, logs, faults, start };
  };
  const out = (capability: string, args: Json = {}, more: Partial<CallOut> = {}): CallOut => ({
    id: 'c1',
    key: 'k1',
    attempt: 1,
    capability,
    args,
    caller: 'test',
    timeoutMs: 1000,
    session: null,
    ...more,
  });
  const withTool = (
    run: (call: Parameters<Parameters<Parameters<PluginDefinition['setup']>[0]['tool']>[0]['run']>[1]) => unknown,
  ) =>
    definePlugin({
      name: 'one',
      setup: (ctx) => ctx.tool({ name: 'do', description: 'Does.', run: (_, call) => run(call) }),
    });

  test(`setup ${where} tells all that was declared, and onLive runs before the first call`, async () => {
    const order: string[] = [];
    const plugin = definePlugin({
      name: 'one',
      setup(ctx) {
        order.push(`setup ${ctx.plugin.name} ${ctx.plugin.version} ${ctx.plugin.generation}`);
        ctx.tool({ name: 'do', description: 'Does.', run: () => order.push('call') });
        ctx.onLive(async () => {
          await ctx.clock.sleep(10);
          order.push('live');
        });
        ctx.onCommit(() => {
          order.push('commit');
        });
      },
    });
    const { connection, start, clock } = run(plugin);
    const ready = await start();
    assert.deepEqual(
      ready.capabilities.map((one) => `${one.kind}:${one.name}`),
      ['tool:do'],
    );
    const live = connection.live(1000);
    const call = connection.call(out('tool:do'));
    await settle();
    assert.deepEqual(order, ['setup one 1.2.3 4']);
    await clock.advance(10);
    await Promise.all([live, call, connection.commit(1000)]);
    assert.deepEqual(order.slice(1).sort(), ['call', 'commit', 'live']);
    assert.equal(order[1], 'live');
  });

  test(`the ack ${where} comes before the handler runs`, async () => {
    let isAcked = false;
    let wasAcked: boolean | null = null;
    const { connection, start } = run(
      withTool(async () => {
        await settle();
        wasAcked = isAcked;
      }),
    );
    await start();
    await connection.call(
      out(
        'tool:do',
        {},
        {
          onAck: () => {
            isAcked = true;
          },
        },
      ),
    );
    assert.equal(wasAcked, true);
  });

  test(`a call ${where} carries its key, session, caller and progress`, async () => {
    const told: string[] = [];
    const session = { app: 'clay', user: 'u', id: 's', turn: 't' };
    const { connection, start } = run(
      withTool((call) => {
        call.progress('half way');
        return { id: call.id, key: call.key, attempt: call.attempt, caller: call.caller, session: { ...call.session } };
      }),
    );
    await start();
    const value = await connection.call(
      out('tool:do', {}, { session, attempt: 2, onProgress: (text) => told.push(text) }),
    );
    assert.deepEqual(value, { id: 'c1', key: 'k1', attempt: 2, caller: 'test', session });
    assert.deepEqual(told, ['half way']);
  });

  test(`a failed handler ${where} gives its code and keeps its output`, async () => {
    const { connection, start, logs } = run(
      withTool((call) => {
        if (call.attempt === 1)
          throw new ClayError('NOT_FOUND', 'no such file', { output: 'a\nb', data: { file: 'x' } });
        throw new TypeError('x is not a function');
      }),
    );
    await start();
    await assert.rejects(connection.call(out('tool:do')), {
      code: 'NOT_FOUND',
      message: 'no such file',
      details: { output: 'a\nb', data: { file: 'x' } },
    });
    await assert.rejects(connection.call(out('tool:do', {}, { attempt: 2 })), {
      code: 'INTERNAL',
      message: 'x is not a function',
    });
    assert.equal(logs.length, 1);
    assert.match(String(logs[0]?.fields.location), /host-connection\.test\.ts:\d+:\d+/);
  });

  test(`a result ${where} that is not plain JSON is told by its path`, async () => {
    const { connection, start } = run(withTool(() => ({ when: new Date(0) })));
    await start();
    await assert.rejects(connection.call(out('tool:do')), {
      code: 'NOT_CLONEABLE',
      message: /The result of tool:do\.when is a Date/,
    });
  });

  test(`a failure ${where} too large to cross keeps its beginning and its end, and a huge log line is cut`, async () => {
    const { connection, start, logs } = run(
      definePlugin({
        name: 'one',
        setup: (ctx) =>
          ctx.tool({
            name: 'do',
            description: 'Does.',
            run: () => {
              ctx.log.info('much', { text: 'y'.repeat(10_000_000) });
              throw new ClayError('TOO_LARGE', 'much', { output: `begin${'x'.repeat(10_000_000)}end`, exitCode: 3 });
            },
          }),
      }),
    );
    await start();
    await assert.rejects(connection.call(out('tool:do')), (error) => {
      assert.ok(error instanceof ClayError);
      const { output = '', exitCode } = error.details;
      assert.deepEqual(
        [error.code, exitCode, output.startsWith('begin'), output.endsWith('end')],
        ['TOO_LARGE', 3, true, true],
      );
      assert.match(output, /… 9900008 characters left out …/);
      return true;
    });
    assert.equal(logs[0]?.fields.cut, 10_000_011);
  });

  test(`a cancelled call ${where} hands over what it had produced`, async () => {
    const { connection, start } = run(
      withTool(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new ClayError('CANCELLED', 'stopped', { output: 'so far' })));
          }),
      ),
    );
    await start();
    const controller = new AbortController();
    const call = connection.call(out('tool:do', {}, { signal: controller.signal }));
    await settle();
    controller.abort();
    await assert.rejects(call, { code: 'CANCELLED', details: { output: 'so far' } });
    assert.deepEqual(connection.open, []);
  });

  test(`a handler ${where} that ignores the deadline is not waited for`, async () => {
    const { connection, start, clock } = run(withTool(() => new Promise(() => {})));
    await start();
    const call = connection.call(out('tool:do'));
    const failed = assert.rejects(call, { code: 'TIMEOUT', message: 'tool:do did not end within 1000 ms.' });
    await clock.advance(1000);
    assert.deepEqual(connection.open, ['c1']);
    await clock.advance(2000);
    await failed;
  });

  test(`a handler ${where} that passes its signal on fails with the deadline's code`, async () => {
    const { connection, start, clock } = run(
      definePlugin({
        name: 'one',
        setup: (ctx) =>
          ctx.tool({ name: 'do', description: 'Does.', run: (_, call) => ctx.clock.sleep(60_000, call.signal) }),
      }),
    );
    await start();
    const failed = assert.rejects(connection.call(out('tool:do')), { code: 'TIMEOUT' });
    await clock.advance(1000);
    await failed;
  });

  test(`a stream ${where} waits for credit and ends with its value`, async () => {
    let sent = 0;
    const plugin = definePlugin({
      name: 'one',
      setup: (ctx) =>
        ctx.agent({
          type: 'external',
          name: 'writer',
          description: 'Writes.',
          async *run(task) {
            for (; sent < 40; sent++) yield { type: 'text', text: `${task} ${sent}` };
            return 'done';
          },
        }),
    });
    const { connection, start } = run(plugin);
    await start();
    const events: StreamEvent[] = [];
    const call = connection.call(out('agent:writer', { task: 'line' }, { onItem: (event) => events.push(event) }));
    await settle();
    assert.equal(events.length, 16, 'no more than the credit');
    connection.credit('c1', 100);
    assert.equal(await call, 'done');
    assert.equal(events.length, 40);
    assert.deepEqual(events[39], { type: 'text', text: 'line 39' });
  });

  test(`a cancelled stream ${where} runs its finally`, async () => {
    let isFreed = false;
    const plugin = definePlugin({
      name: 'one',
      setup: (ctx) =>
        ctx.agent({
          type: 'external',
          name: 'writer',
          description: 'Writes.',
          async *run() {
            try {
              for (;;) yield { type: 'text', text: 'x' };
            } finally {
              isFreed = true;
            }
          },
        }),
    });
    const { connection, start } = run(plugin);
    await start();
    const controller = new AbortController();
    const call = connection.call(out('agent:writer', {}, { signal: controller.signal, onItem: () => {} }));
    await settle();
    controller.abort();
    await assert.rejects(call, { code: 'CANCELLED' });
    assert.equal(isFreed, true);
  });

  test(`a line ${where} that breaks leaves unaccepted calls safe to repeat, accepted ones unknown`, async () => {
    const { connection, start, plugin } = run(withTool(() => new Promise(() => {})));
    await start();
    const accepted = connection.call(out('tool:do', {}, { id: 'accepted' }));
    const failed = assert.rejects(accepted, {
      code: 'CALL_OUTCOME_UNKNOWN',
      message: /had accepted the call accepted/,
    });
    await settle();
    plugin.close(new ClayError('UNAVAILABLE', 'SIGKILL'));
    // The host has not heard of the death yet.
    const unaccepted = assert.rejects(connection.call(out('tool:do', {}, { id: 'unaccepted' })), {
      code: 'UNAVAILABLE',
    });
    await Promise.all([failed, unaccepted]);
    assert.notEqual(connection.death, null);
    await assert.rejects(connection.call(out('tool:do')), (error) => error instanceof ClayError);
    await assert.rejects(connection.commit(10), (error) => error instanceof ClayError);
  });

  test(`a host function ${where} knows the call that asks, and stops with it`, async () => {
    const asked: ServedRequest[] = [];
    const plugin = definePlugin({
      name: 'one',
      setup: (ctx) => ctx.tool({ name: 'do', description: 'Does.', run: () => ctx.store.get('x') }),
    });
    const { connection, start } = run(plugin, (request) => {
      asked.push(request);
      return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
    });
    await start();
    const controller = new AbortController();
    const call = connection.call(out('tool:do', {}, { signal: controller.signal }));
    await settle();
    assert.equal(asked[0]?.method, 'store.get');
    assert.equal(asked[0]?.parent?.call.id, 'c1');
    controller.abort(new ClayError('CANCELLED', 'enough'));
    await assert.rejects(call, { code: 'CANCELLED', message: 'enough' });
    assert.equal(asked[0]?.signal.aborted, true);
  });

  test(`declaring after setup and acting during it ${where} are refused by name`, async () => {
    const late = definePlugin({
      name: 'one',
      setup: (ctx) =>
        ctx.tool({
          name: 'do',
          description: 'Does.',
          run: () => ctx.tool({ name: 'more', description: '', run: () => 1 }),
        }),
    });
    const first = run(late);
    await first.start();
    await assert.rejects(first.connection.call(out('tool:do')), {
      code: 'CONFLICT',
      message: /ctx\.tool was called after setup/,
    });
    const early = definePlugin({ name: 'one', setup: async (ctx) => ctx.store.set('x', 1) });
    await assert.rejects(run(early).start(), {
      code: 'CONFLICT',
      message: /ctx\.store\.set has an effect, and setup may only declare/,
    });
  });

  test(`between setup and onLive ${where} only what serves a probe may act`, async () => {
    let outside: Promise<unknown> | null = null;
    const plugin = definePlugin({
      name: 'one',
      setup(ctx) {
        ctx.probe({ name: 'ok', run: () => ctx.store.get('x') });
        ctx.clock.after(5, () => {
          outside = ctx.store.get('x').catch((error) => error);
        });
      },
    });
    const { connection, start, clock } = run(plugin, async () => ({ value: {} }));
    await start();
    assert.equal(await connection.call(out('probe:one/ok')), null);
    await clock.advance(5);
    assert.match(String(await outside), /ctx\.store\.get has an effect/);
  });

  test(`a drain ${where} lets calls end, takes no more, and releases in reverse order`, async () => {
    const released: string[] = [];
    let finish: (value: string) => void = () => {};
    const plugin = definePlugin({
      name: 'one',
      setup(ctx) {
        ctx.tool({
          name: 'do',
          description: 'Does.',
          run: () =>
            new Promise<string>((resolve) => {
              finish = resolve;
            }),
        });
        ctx.lease({
          name: 'port',
          onGrant: (signal) => {
            signal.addEventListener('abort', () => released.push('lease signal'));
            return () => {
              released.push('lease');
            };
          },
        });
        ctx.onLive(() => {
          ctx.effect('first', () => () => {
            released.push('first');
          });
          ctx.effect('second', () => () => {
            throw new Error('stuck');
          });
          ctx.effect('third', () => async () => {
            released.push('third');
          });
          ctx.signal.addEventListener('abort', () => released.push('signal'));
        });
      },
    });
    const { connection, start, logs } = run(plugin);
    await start();
    await connection.live(1000);
    await connection.grant('port', 1000);
    const call = connection.call(out('tool:do'));
    await settle();
    const drained = connection.drain(5000, 1000);
    await settle();
    await assert.rejects(connection.call(out('tool:do', {}, { id: 'late' })), {
      code: 'UNAVAILABLE',
      message: 'The plugin "one" is stopping.',
    });
    assert.deepEqual(released, []);
    finish('ended');
    assert.equal(await call, 'ended');
    await drained;
    assert.deepEqual(released, ['lease signal', 'lease', 'signal', 'third', 'first']);
    assert.equal(logs[0]?.event, 'effect.release.failed');
    assert.equal(logs[0]?.fields.effect, 'second');
  });

  test(`a call ${where} that outlives the drain's grace is aborted`, async () => {
    const { connection, start, clock } = run(
      withTool(
        ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ),
    );
    await start();
    const failed = assert.rejects(connection.call(out('tool:do', {}, { timeoutMs: 60_000 })), {
      code: 'CANCELLED',
      message: /stops; the call had 3000 ms to end/,
    });
    await settle();
    const drained = connection.drain(3000, 1000);
    await clock.advance(3000);
    await failed;
    await drained;
  });

  test(`a plugin ${where} that speaks another protocol is told which`, async () => {
    const { host, plugin } = create();
    const clock = createFakeClock();
    runPlugin(definePlugin({ name: 'one', setup() {} }), plugin, { clock });
    const fault = new Promise<PluginMessage>((resolve) => host.receive(resolve));
    host.send({ type: 'hello', protocol: { min: 90, max: 91 }, plugin: 'one', version: '1', generation: 1 });
    const message = await fault;
    assert.equal(message.type, 'fault');
    assert.match(
      message.type === 'fault' ? message.failure.error : '',
      /The host speaks protocol 90–91, this plugin's SDK 1–1/,
    );
  });

  test(`a setup ${where} that never ends is not waited for`, async () => {
    const { start, clock } = run(definePlugin({ name: 'one', setup: () => new Promise(() => {}) }));
    const failed = assert.rejects(start(), {
      code: 'TIMEOUT',
      message: 'The plugin "one" was not ready within 1000 ms.',
    });
    await clock.advance(1000);
    await failed;
  });

  test(`answers ${where} to calls that nobody made, and second answers, change nothing`, async () => {
    const { connection, plugin, start } = run(withTool(() => 1));
    await start();
    plugin.send({ type: 'reply', id: 'nobody', value: 2 });
    plugin.send({ type: 'ack', id: 'nobody' });
    plugin.send({ type: 'item', id: 'nobody', event: { type: 'text', text: 'x' } });
    plugin.send({ type: 'done', step: 'commit' });
    plugin.send({ type: 'pong', id: 99, rssBytes: 1 });
    assert.equal(await connection.call(out('tool:do')), 1);
    plugin.send({ type: 'reply', id: 'c1', value: 3 });
    await settle();
    assert.equal(await connection.call(out('tool:do')), 1);
    assert.ok((await connection.ping(1000)) > 0);
  });
}
