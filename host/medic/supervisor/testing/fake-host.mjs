// A host that does one thing right or wrong: `fake-host.mjs BEHAVIOUR DATA_FOLDER`. It tells its test by its standard output.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

const [behaviour, folder] = process.argv.slice(2);
const line = new Socket({ fd: 3, readable: true, writable: true });
const fromMedic = new Socket({ fd: 4, readable: true, writable: true });
// A medic that was killed with something unread resets the line; "close" follows.
for (const stream of [line, fromMedic]) stream.on('error', () => {});
const tell = (message) => line.write(`${JSON.stringify(message)}\n`);
const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);

function answer() {
  let rest = '';
  fromMedic.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const message of lines.map((one) => JSON.parse(one))) {
      if (message.type === 'ping') tell({ type: 'pong', id: message.id });
      else say(message.type, message.id, message.state, message.pid ?? '', JSON.stringify(message.reason));
    }
  });
  fromMedic.on('close', () => {
    say('orphaned');
    process.exit(0);
  });
}

function run() {
  tell({ type: 'running', folder, stopMs: 3_000 });
  tell({ type: 'ready' });
}

function stopOnRequest() {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
    process.on(signal, () => {
      say('asked', signal);
      tell({ type: 'stopping' });
      setTimeout(() => process.exit(0), 20);
    });
}

function live() {
  answer();
  stopOnRequest();
  run();
  say('host', process.pid);
}

/** What the pipe has been given arrives before the exit. */
const exitAfterTelling = (code) => line.end(() => process.exit(code));

const behaviours = {
  lives: live,
  dies() {
    process.stderr.write('boom at here.ts:7:1\n');
    run();
    say('host', process.pid);
    exitAfterTelling(3);
  },
  diesThrice() {
    const marks = ['a', 'b', 'c'].map((name) => join(folder, name));
    const next = marks.find((mark) => !existsSync(mark));
    if (next === undefined) return live();
    writeFileSync(next, '');
    behaviours.dies();
  },
  alarms() {
    let heard = 0;
    fromMedic.on('data', () => {
      for (const words of ['panic: out of range', 'fatal error: all asleep', 'FATAL', 'Segmentation fault']) {
        say(words);
        process.stderr.write(`${words}\n`);
      }
      heard += 1;
      if (heard === 3) say('still', process.pid);
    });
    live();
  },
  spins() {
    run();
    say('host', process.pid);
    line.write('', function spinForEver() {
      for (;;);
    });
  },
  stands() {
    run();
    line.write('', () => process.kill(process.pid, 'SIGSTOP'));
  },
  isStubborn() {
    answer();
    process.on('SIGTERM', () => say('asked', 'SIGTERM'));
    run();
    say('host', process.pid);
  },
  floods() {
    run();
    say('host', process.pid);
    const more = () => {
      while (line.write(`${JSON.stringify({ type: 'pong', id: 1 })}\n`.repeat(1_000)));
      line.once('drain', more);
    };
    more();
  },
  sendsGarbage() {
    live();
    const bad = ['', '{', 'null', '[]', '"x"', '{"type":"ping"}', '{"type":"running","folder":"relative","stopMs":1}'];
    bad.push(
      '{"type":"start-service","id":"","command":[],"environment":{},"folder":"/"}',
      '{"__proto__":{"type":"ready"}}',
    );
    line.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    line.write(`${bad.join('\n')}\n${'x'.repeat(300_000)}\n`, () => say('sent'));
  },
  closesItsLine() {
    run();
    say('host', process.pid);
    line.write('', () => {
      line.destroy();
      setInterval(() => {}, 1_000);
    });
  },
  isRefused() {
    run();
    tell({ type: 'refused' });
    process.stderr.write('port 8080 is in use\n');
    exitAfterTelling(1);
  },
  isMisused() {
    process.stderr.write('usage\n');
    process.exit(2);
  },
  neverRuns() {
    say('host', process.pid);
    setInterval(() => {}, 1_000);
  },
  crashesEarly() {
    process.kill(process.pid, 'SIGSEGV');
  },
  leavesChildren() {
    live();
    const child = spawn('sleep', ['300'], { stdio: 'ignore' });
    say('child', child.pid);
  },
  wantsService() {
    live();
    const [command, ...args] = process.argv.slice(4);
    tell({
      type: 'start-service',
      id: 'plugin/one',
      command: [command, ...args],
      environment: { GREETING: 'hi' },
      folder,
    });
    process.on('SIGUSR2', () => tell({ type: 'stop-service', id: 'plugin/one' }));
  },
};

behaviours[behaviour]();
