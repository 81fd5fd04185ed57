import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readProcess } from '../../process/process-table.ts';
import type { LaneLimits } from './lane-limits.ts';
import { failing, type OpenScript, openLanes, type TestLanes, tool } from './testing/open-lanes.ts';

const limit = { timeout: 30_000 };

/** Opens an innocent that waits for the host, and one that idles. */
async function openInnocents(lanes: TestLanes): Promise<readonly [OpenScript, OpenScript]> {
  const serve = () => new Promise<never>(() => {});
  const waiting = await lanes.open('waiting', tool('waiting', 'return ctx.store.get("never");'), { serve });
  const idle = await lanes.open('idle', tool('idle', 'return "idle";'));
  return [waiting, idle];
}

/** The innocents died without a mark, and live again at once beside whatever is left. */
async function assertInnocentsLive(lanes: TestLanes, innocents: readonly OpenScript[]): Promise<void> {
  for (const innocent of innocents) {
    const { isBlamed, message } = await innocent.death();
    assert.equal(isBlamed, false, message);
    assert.match(message, /by the fault of "bad"/);
  }
  const again = await lanes.open('idle', tool('idle', 'return "idle again";'));
  assert.equal(await again.call(), 'idle again');
  assert.deepEqual(again.deaths, []);
}

interface Attack {
  readonly name: string;
  readonly body: string;
  readonly limits?: Partial<LaneLimits>;
  /** Ways in which the lane may end. */
  readonly ends: readonly string[];
}

const raw = (bytes: string) => `fs.writeSync(4, ${bytes}); await new Promise(() => {});`;
const text = (json: string) => raw(`frame(${JSON.stringify(json)})`);
const fast = { pingEveryMs: 200, maxMissedPings: 4 };

const deadly: readonly Attack[] = [
  ...(
    [
      ['a stray newline', raw('Buffer.from("\\n\\n\\n\\n\\n\\n")')],
      ['text', raw('Buffer.from("hello, this is no frame")')],
      ['a zero-length frame', raw('Buffer.from([0, 0, 0, 0, 1])')],
      ['a huge length', raw('Buffer.from([0xff, 0xff, 0xff, 0xff, 1])')],
      ['a frame of an unknown kind', raw('Buffer.from([0, 0, 0, 2, 9, 123, 125])')],
      ['bytes that are no UTF-8', raw('Buffer.from([0, 0, 0, 2, 1, 0xc3, 0x28])')],
      ['a frame that is no JSON', text('{"type":')],
      ['a frame that is null', text('null')],
      ['a message of the host', text('{"type":"open","channel":9,"script":{"name":"x","source":"","hash":""}}')],
      ['a message without its members', text('{"type":"channel"}')],
      ['a message that no plugin says', text('{"type":"channel","channel":3,"message":{"type":"drain","graceMs":0}}')],
      ['a report that is none', text('{"type":"inspected","id":1,"report":{"isGood":true}}')],
      ['neither a report nor a failure', text('{"type":"inspected","id":1}')],
      [
        'a message on a channel that never was',
        text('{"type":"channel","channel":77,"message":{"type":"ack","id":"a"}}'),
      ],
      ['the channel of nobody', text('{"type":"closed","channel":0}')],
      ['a message that is nested too deep', raw('frame("[".repeat(5_000) + "]".repeat(5_000))')],
      ['a type named __proto__', text('{"type":"__proto__"}')],
      ['half a frame and says no more', raw('Buffer.from([0, 0, 0, 9, 1, 123])')],
    ] as const
  ).map(([what, body]): Attack => ({ name: `sends ${what}`, body, ends: ['wire'] })),
  {
    name: 'sends half a frame and exits',
    body: 'fs.writeSync(4, Buffer.from([0, 0, 0, 9, 1, 123])); process.exit(1);',
    ends: ['exited'],
  },
  {
    name: 'closes its line',
    body: 'fs.closeSync(4); await new Promise(() => {});',
    ends: ['closed-line', 'signalled', 'exited'],
  },
  { name: 'spins', body: 'for (;;) {}', limits: fast, ends: ['unresponsive'] },
  {
    name: 'floods the line from a loop',
    body: `for (;;) try { fs.writeSync(4, frame('{"type":"turn","channel":1}')); } catch {}`,
    limits: fast,
    ends: ['flood', 'unresponsive'],
  },
  {
    name: 'floods its channel while it turns its loop',
    body: 'for (;;) { for (let n = 0; n < 5_000; n++) ctx.log.info("x"); await new Promise(setImmediate); }',
    ends: ['flood'],
  },
  {
    name: 'floods the line with turns while it turns its loop',
    body: `for (;;) { for (let n = 0; n < 5_000; n++) try { fs.writeSync(4, frame('{"type":"turn","channel":1}')); } catch {} await new Promise(setImmediate); }`,
    ends: ['flood', 'exited'],
  },
  {
    name: 'sends more bytes than anybody wants to read',
    body: `const text = 'x'.repeat(1e6); for (;;) { call.progress(text); await new Promise((done) => setTimeout(done, 20)); }`,
    limits: { bytesPerSecond: 2 ** 24, residentBytes: 2 ** 31 },
    ends: ['flood'],
  },
  {
    name: 'asks for host functions without end',
    body: 'for (;;) { ctx.store.get("never").catch(() => {}); await new Promise(setImmediate); }',
    ends: ['flood'],
  },
  { name: 'kills itself with SIGKILL', body: `kill(process.pid, 'SIGKILL'); for (;;) {}`, ends: ['signalled'] },
  { name: 'kills itself with SIGSEGV', body: `kill(process.pid, 'SIGSEGV'); for (;;) {}`, ends: ['signalled'] },
  { name: 'aborts', body: 'process.abort();', ends: ['signalled'] },
  { name: 'exits', body: 'process.exit(0);', ends: ['exited'] },
  {
    name: 'throws where nobody catches',
    body: 'setImmediate(() => { throw new Error("late"); }); await new Promise(() => {});',
    ends: ['exited'],
  },
  {
    name: 'fills the heap',
    body: 'const all = []; for (;;) all.push(new Array(1000).fill({}));',
    limits: { heapMb: 32, maxMissedPings: 40 },
    ends: ['signalled', 'memory'],
  },
  {
    name: 'grows a Map',
    body: 'const map = new Map(); for (let n = 0; ; n++) map.set(n, n);',
    limits: { heapMb: 32, maxMissedPings: 40 },
    ends: ['signalled', 'memory'],
  },
  {
    name: 'joins giant strings',
    body: 'const all = []; for (;;) all.push([...new Array(40)].map(() => "x".repeat(1e7)).join("-").toUpperCase());',
    limits: { maxMissedPings: 40 },
    ends: ['signalled', 'memory', 'exited'],
  },
  {
    name: 'allocates buffers, and lets others run between',
    body: 'const all = []; for (;;) { all.push(Buffer.alloc(1 << 20, 1)); await new Promise((done) => setTimeout(done, 1)); }',
    limits: { measureEveryMs: 20 },
    ends: ['memory'],
  },
];

for (const { name, body, limits = {}, ends } of deadly) {
  test(`a script that ${name} loses its lane, is blamed alone, and costs the others a restart`, limit, async () => {
    await using lanes = openLanes({ limits });
    const [waiting, idle] = await openInnocents(lanes);
    const bad = await lanes.open('bad', tool('bad', body), { serve: () => new Promise(() => {}) });
    assert.equal(lanes.lanes.list().length, 1);
    const lost = failing(waiting.call());
    const error = await failing(bad.call());
    const { isBlamed, details, message, signature } = await bad.death();
    assert.ok(isBlamed, message);
    assert.ok(ends.includes(String(details.reason)), message);
    assert.equal(error.code, 'CALL_OUTCOME_UNKNOWN');
    assert.match(signature, /^[0-9a-f]{16}$/);
    assert.equal((await lost).code, 'CALL_OUTCOME_UNKNOWN');
    await assertInnocentsLive(lanes, [waiting, idle]);
  });
}

test('buffers without end are refused or cost the lane, never the machine', limit, async () => {
  await using lanes = openLanes({ limits: { maxMissedPings: 40 } });
  const bad = await lanes.open(
    'bad',
    tool(
      'bad',
      'const all = []; try { for (;;) all.push(new Uint8Array(1 << 24).fill(1)); } catch { return all.length; }',
    ),
  );
  const outcome = await bad.call().catch((error: Error) => error);
  // 16 MB each: the kernel of the machine gives at most 1 GB.
  if (typeof outcome === 'number') assert.ok(outcome < 64, `${outcome} blocks`);
  else assert.ok((await bad.death()).isBlamed);
});

test(
  'whoever is lied about by the lane is at most restarted: a neighbour cannot be made to look guilty twice',
  limit,
  async () => {
    await using lanes = openLanes();
    const [, idle] = await openInnocents(lanes);
    const bad = await lanes.open(
      'bad',
      // Claims that the second channel has the turn, and dies.
      tool('bad', `fs.writeSync(4, frame('{"type":"turn","channel":2}')); process.exit(1);`),
    );
    await failing(bad.call());
    assert.equal((await bad.death()).isBlamed, true);
    assert.equal((await idle.death()).isBlamed, false);
  },
);

test('a script whose line breaks off inside its lane dies alone', limit, async () => {
  await using lanes = openLanes();
  const good = await lanes.open('good', tool('good', 'return 1;'));
  const bad = await lanes.open(
    'bad',
    tool('bad', `fs.writeSync(4, frame('{"type":"closed","channel":2}')); return 1;`),
  );
  assert.match((await failing(bad.call())).message, /broke off/);
  const { isBlamed, code } = await bad.death();
  assert.deepEqual([isBlamed, code], [true, 'INTERNAL']);
  assert.equal(await good.call(), 1);
  assert.deepEqual(lanes.lanes.list()[0]?.scripts, ['good']);
});

test(
  'scripts that compute one after the other, each within its bound, do not add up to a lane that is lost',
  limit,
  async () => {
    // Five times 300 ms in one go, with 500 ms to answer in.
    await using lanes = openLanes({ limits: { pingEveryMs: 100, maxMissedPings: 5 } });
    const scripts = [];
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      scripts.push(
        await lanes.open(name, tool(name, 'const end = Date.now() + 300; while (Date.now() < end); return 1;')),
      );
    assert.deepEqual(await Promise.all(scripts.map((one) => one.call())), [1, 1, 1, 1, 1]);
    assert.deepEqual(
      scripts.flatMap(({ deaths }) => deaths),
      [],
    );
  },
);

test('replies that nobody asked for change nothing', limit, async () => {
  await using lanes = openLanes();
  const idle = await lanes.open('idle', tool('idle', 'return "true answer";'));
  const bad = await lanes.open(
    'bad',
    tool(
      'bad',
      `for (const [channel, id] of [[1, 'call-9'], [2, 'nobody'], [2, call.id], [2, call.id]])
         fs.writeSync(4, frame(JSON.stringify({ type: 'channel', channel, message: { type: 'reply', id, value: 'forged' } })));
       return 'second answer';`,
    ),
  );
  assert.equal(await bad.call(), 'forged');
  assert.equal(await idle.call(), 'true answer');
  assert.deepEqual([bad.deaths, idle.deaths], [[], []]);
});

test('a lane is bounded, alone in its group, and the first that the machine takes', limit, async () => {
  await using lanes = openLanes();
  await lanes.open('one', '');
  const [{ pid } = { pid: 0 }] = lanes.lanes.list();
  assert.equal(readProcess(pid)?.group, pid);
  assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim(), '500');
  assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), '');
  if (existsSync('/usr/bin/prlimit'))
    assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max data size\s+1073741824\s/m);
});

const powers: Readonly<Record<string, string>> = {
  'a worker': `new (builtin('node:worker_threads').Worker)('0', { eval: true, execArgv: [] })`,
  'a worker without flags': `new (builtin('node:worker_threads').Worker)('0', { eval: true, execArgv: ['--no-permission'] })`,
  'a database': `new (builtin('node:sqlite').DatabaseSync)('/tmp/x.db')`,
  'a program': `builtin('node:child_process').execFileSync('/bin/true')`,
  'a fork': `builtin('node:child_process').fork('/bin/true')`,
  'another program in its place': `process.execve('/bin/true', [], {})`,
  'its environment': `(() => { if (Object.keys(process.env).length > 0) return; throw new Error('empty'); })()`,
  'a file of the machine': `fs.readFileSync('/etc/passwd')`,
  'its own code': `fs.readFileSync(process.argv[1])`,
  'the environment of the host': `fs.readFileSync('/proc/' + process.ppid + '/environ')`,
  'a file to write': `fs.writeFileSync('/tmp/clay-lane-was-here', '')`,
  'a signal to the host': `process.kill(process.ppid, 'SIGKILL')`,
  'the priority of the host': `builtin('node:os').setPriority(process.ppid, 19)`,
  'other flags': `builtin('node:v8').setFlagsFromString('--allow-natives-syntax')`,
  'code from a string': `eval('1')`,
  'a function from a string': `new Function('return 1')()`,
  'an addon': `process.dlopen({ exports: {} }, '/x.node')`,
  'the inner bindings': `process.binding('fs')`,
  'the inspector': `builtin('node:inspector').open(0)`,
  'a heap snapshot': `builtin('node:v8').writeHeapSnapshot('/tmp/clay-lane.heapsnapshot')`,
  'another user': `process.setuid(0)`,
  'prototypes by name': `(() => { if (({}).__proto__ !== undefined) return; throw new Error('gone'); })()`,
};

test('code that has broken out of its language finds no power in the lane', limit, async () => {
  await using lanes = openLanes();
  for (const [what, body] of Object.entries(powers)) {
    const name = what.replaceAll(' ', '-');
    const bad = await lanes.open(
      name,
      tool(name, `try { ${body}; return 'had it'; } catch (error) { return error.code ?? error.constructor.name; }`),
    );
    const told = await bad.call();
    assert.notEqual(told, 'had it', what);
    bad.connection.close();
  }
});

for (const [what, body] of [
  ['a socket', `builtin('node:net').connect(9, '127.0.0.1')`],
  ['a name server', `void builtin('node:dns').lookup('localhost', (error) => done(error?.code ?? 'had it'))`],
  ['a datagram', `builtin('node:dgram').createSocket('udp4').bind(0)`],
  ['a listening port', `builtin('node:net').createServer().listen(0)`],
] as const) {
  test(`code that has broken out of its language gets no ${what}`, limit, async () => {
    await using lanes = openLanes();
    const wait = `const made = await new Promise((done) => {
      try { const thing = ${body}; thing?.on?.('error', (error) => done(error.code)); thing?.on?.('listening', () => done('had it')); thing?.on?.('connect', () => done('had it')); }
      catch (error) { done(error.code ?? error.constructor.name); }
    }); return made;`;
    const bad = await lanes.open('bad', tool('bad', wait));
    assert.equal(await bad.call(), 'ERR_ACCESS_DENIED');
  });
}

test('a user of its own keeps a lane from signals to the host', {
  ...limit,
  skip: process.getuid?.() === 0 ? false : 'skipped: root not found',
}, async () => {
  await using lanes = openLanes({ identity: { uid: 61_234, gid: 61_234 } });
  const bad = await lanes.open('bad', tool('bad', `return kill(process.ppid, 'SIGUSR2') ?? 'had it';`));
  assert.equal(await bad.call(), 'EPERM');
});
