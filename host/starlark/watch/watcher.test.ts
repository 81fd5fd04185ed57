import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../clock.ts';
import { type OpenFolderEvents, openFolderEvents } from './chokidar.ts';
import { createWatcher, type WatcherOptions } from './watcher.ts';

/** What the watcher has told, in order: `saved a`, `removed a`, `refused a`. */
async function watched(t: TestContext, options: Partial<WatcherOptions> & { before?: (folder: string) => void } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'clay-watch-'));
  const at = (file: string) => join(folder, file);
  const told: string[] = [];
  const errors: string[] = [];
  const sources = new Map<string, string>();
  const wakes = new Set<() => void>();
  const tell = (line: string) => {
    told.push(line);
    for (const wake of wakes) wake();
  };
  const until = async (line: string, count = 1) => {
    while (told.filter((one) => one === line).length < count) {
      await new Promise<void>((resolve) => {
        wakes.add(resolve);
      });
    }
  };
  options.before?.(folder);
  const ready = Promise.withResolvers<void>();
  const openEvents: OpenFolderEvents = (where, backend, events) =>
    (options.openEvents ?? openFolderEvents)(where, backend, {
      ...events,
      onReady() {
        events.onReady();
        ready.resolve();
      },
    });
  const watcher = createWatcher({
    folder,
    clock: systemClock,
    onSaved({ name, source }) {
      sources.set(name, source);
      tell(`saved ${name}`);
    },
    onRemoved: (name) => tell(`removed ${name}`),
    onRefused: (name, problem) => {
      sources.set(name, problem);
      tell(`refused ${name}`);
    },
    onError: (problem) => errors.push(problem),
    ...options,
    openEvents,
  });
  t.after(async () => {
    await watcher.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await ready.promise;
  await watcher.scan();
  return {
    folder,
    at,
    told,
    errors,
    sources,
    watcher,
    save: (file: string, text: string | Uint8Array) => writeFileSync(at(file), text),
    /** Resolves when this was told so many times. */
    until,
    /** All that is under way has been told: another file, saved now, is told after it. */
    async quiet() {
      await watcher.scan();
      writeFileSync(at('quiet.star'), `# ${told.length}`);
      await until('saved quiet', told.filter((one) => one === 'saved quiet').length + 1);
    },
    shown: () => told.filter((one) => one !== 'saved quiet'),
  };
}

test('a script is told once it is saved, with its text and hash', async (t) => {
  const { save, until, told, sources } = await watched(t);
  save('weather.star', 'def run(args):\n  return "ä"\n');
  await until('saved weather');
  assert.deepEqual(told, ['saved weather']);
  assert.equal(sources.get('weather'), 'def run(args):\n  return "ä"\n');
});

test('what lies there at the start is told by a scan, and what is known is not', async (t) => {
  const before = (folder: string) => {
    writeFileSync(join(folder, 'a.star'), '1');
    writeFileSync(join(folder, 'b.star'), '2');
  };
  const { told } = await watched(t, { before });
  assert.deepEqual([...told].sort(), ['saved a', 'saved b']);
  const folder = mkdtempSync(join(tmpdir(), 'clay-watch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.star'), '1');
  const again: string[] = [];
  const onAny = (name: string) => again.push(name);
  const watcher = createWatcher({
    folder,
    clock: systemClock,
    onSaved: ({ name }) => onAny(name),
    onRemoved: onAny,
    onRefused: onAny,
    onError: onAny,
  });
  t.after(() => watcher.close());
  watcher.know({ name: 'a', hash: '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b' });
  await watcher.scan();
  assert.deepEqual(again, []);
});

test('a script that is written slowly and torn is told whole, and once', async (t) => {
  const { at, until, told, sources } = await watched(t, { settleMs: 150 });
  const file = openSync(at('slow.star'), 'w');
  const lines = Array.from({ length: 20 }, (_, index) => `x${index} = ${index}\n`);
  for (const line of lines) {
    for (const part of [line.slice(0, 2), line.slice(2)]) {
      writeSync(file, part);
      await systemClock.sleep(8);
    }
  }
  closeSync(file);
  await until('saved slow');
  assert.equal(sources.get('slow'), lines.join(''));
  assert.deepEqual(told, ['saved slow']);
});

test('a writer that pauses longer than a file has to stand still is given more time from then on', async (t) => {
  const { at, until, quiet, shown, sources } = await watched(t);
  for (let part = 0; part < 8; part++) {
    appendFileSync(at('slow.star'), `x${part} = 1\n`);
    await systemClock.sleep(70);
  }
  await until('saved slow', 2);
  await quiet();
  assert.ok(shown().length < 5, shown().join());
  assert.equal(sources.get('slow')?.split('\n').length, 9);
});

test('of two saves within 10 ms the second is told', async (t) => {
  const { save, quiet, shown, sources } = await watched(t, { settleMs: 100 });
  save('a.star', 'first');
  await systemClock.sleep(5);
  save('a.star', 'second');
  await quiet();
  assert.deepEqual(shown(), ['saved a']);
  assert.equal(sources.get('a'), 'second');
});

test('a save of the same bytes, and a new date, are no news', async (t) => {
  const { at, save, until, quiet, shown } = await watched(t);
  save('a.star', 'same');
  await until('saved a');
  save('a.star', 'same');
  utimesSync(at('a.star'), 1, 1);
  renameSync(at('a.star'), at('a.tmp'));
  renameSync(at('a.tmp'), at('a.star'));
  await quiet();
  assert.deepEqual(shown(), ['saved a']);
});

test('a script that is made first and filled later is never told empty', async (t) => {
  const { save, until, told, sources } = await watched(t);
  save('a.star', '');
  await systemClock.sleep(200);
  save('a.star', 'text');
  await until('saved a');
  assert.equal(sources.get('a'), 'text');
  assert.deepEqual(told, ['saved a']);
});

test('a script that is saved again and again while the host is busy is told as it is in the end', async (t) => {
  const { save, until, quiet, sources } = await watched(t, { settleMs: 1 });
  const names = Array.from({ length: 50 }, (_, index) => `a${index}`);
  for (let round = 0; round < 10; round++) {
    for (const name of names) save(`${name}.star`, `${round}`.repeat(5_000));
    const until = performance.now() + 10;
    while (performance.now() < until);
    await systemClock.sleep(2);
  }
  for (const name of names) await until(`saved ${name}`);
  await quiet();
  for (const name of names) assert.equal(sources.get(name)?.[0], '9', name);
});

test('an atomic save by a rename is one save', async (t) => {
  const { at, save, until, quiet, shown, sources } = await watched(t);
  save('a.star', 'old');
  await until('saved a');
  save('.a.star.tmp', 'new');
  renameSync(at('.a.star.tmp'), at('a.star'));
  await quiet();
  assert.deepEqual(shown(), ['saved a', 'saved a']);
  assert.equal(sources.get('a'), 'new');
});

test('a script that is emptied and filled again is never told empty', async (t) => {
  const { at, save, until, quiet, shown, sources } = await watched(t);
  save('a.star', 'old');
  await until('saved a');
  truncateSync(at('a.star'), 0);
  await systemClock.sleep(200);
  save('a.star', 'new');
  await quiet();
  assert.deepEqual(shown(), ['saved a', 'saved a']);
  assert.equal(sources.get('a'), 'new');
  truncateSync(at('a.star'), 0);
  await until('saved a', 3);
  assert.equal(sources.get('a'), '');
});

test('a script that is deleted is told removed; deleted and made anew it is a save, or nothing', async (t) => {
  const { at, save, until, quiet, shown } = await watched(t);
  save('a.star', '1');
  await until('saved a');
  unlinkSync(at('a.star'));
  await systemClock.sleep(40);
  save('a.star', '1');
  await quiet();
  assert.deepEqual(shown(), ['saved a']);
  unlinkSync(at('a.star'));
  save('a.star', '2');
  await until('saved a', 2);
  unlinkSync(at('a.star'));
  await until('removed a');
  save('a.star', '2');
  await until('saved a', 3);
  assert.deepEqual(shown(), ['saved a', 'saved a', 'removed a', 'saved a']);
});

test('a renamed script goes under the old name and comes under the new', async (t) => {
  const { at, save, until, shown, sources } = await watched(t);
  save('old.star', 'text');
  await until('saved old');
  renameSync(at('old.star'), at('new.star'));
  await until('saved new');
  await until('removed old');
  assert.deepEqual(shown().sort(), ['removed old', 'saved new', 'saved old']);
  assert.equal(sources.get('new'), 'text');
});

test('200 scripts at once are all told, each once, and all removed', async (t) => {
  const { at, save, told, watcher, until } = await watched(t);
  const names = Array.from({ length: 200 }, (_, index) => `many-${index}`);
  names[0] = 'many';
  for (const name of names) save(`${name}.star`, name);
  await Promise.all(names.map((name) => until(`saved ${name}`)));
  await watcher.scan();
  assert.equal(told.length, 200);
  for (const name of names) unlinkSync(at(`${name}.star`));
  for (const name of names) await until(`removed ${name}`);
  assert.equal(told.length, 400);
});

test('bytes that are no UTF-8 are refused with their line, and told again when they are mended', async (t) => {
  const { save, until, sources, told } = await watched(t);
  save('a.star', Buffer.from([0x61, 0x0a, 0x62, 0xff, 0x0a]));
  await until('refused a');
  assert.equal(sources.get('a'), 'a.star is not UTF-8 text: see its line 2.');
  save('a.star', 'a\nb\n');
  await until('saved a');
  assert.deepEqual(told, ['refused a', 'saved a']);
});

test('what editors keep beside a file, hidden files, other files and folders below are none of ours', async (t) => {
  const { at, save, quiet, shown } = await watched(t);
  for (const file of ['.a.star.swp', '.a.star', 'a.star~', '#a.star#', '.#a.star', '4913', 'notes.txt', 'star'])
    save(file, 'x');
  symlinkSync('user@machine.1234', at('.#b.star'));
  mkdirSync(at('folder'));
  save('folder/deep.star', 'x');
  await quiet();
  assert.deepEqual(shown(), []);
});

test('a name that no extension can have is refused with one that it could have', async (t) => {
  const { save, until, sources } = await watched(t);
  save('My_Tool 2.star', 'x');
  await until('refused My_Tool 2');
  assert.match(sources.get('My_Tool 2') ?? '', /"My_Tool 2" is no name for an extension.* Call it "my-tool-2"\./);
  save('__proto__.star', 'x');
  await until('refused __proto__');
  assert.match(sources.get('__proto__') ?? '', /Call it "proto"/);
});

test('a link out of the folder is refused, one within it is a script, and one to nowhere is nothing', async (t) => {
  const { at, save, until, quiet, shown, sources, watcher } = await watched(t);
  symlinkSync('/etc/hostname', at('outside.star'));
  symlinkSync('nowhere', at('nothing.star'));
  symlinkSync('loop.star', at('loop.star'));
  save('real.star', '1');
  symlinkSync('real.star', at('alias.star'));
  await until('saved alias');
  await until('refused outside');
  await until('refused loop');
  assert.match(sources.get('outside') ?? '', /outside\.star is a link to \/.*, out of the folder/);
  await quiet();
  assert.deepEqual(shown().sort(), ['refused loop', 'refused outside', 'saved alias', 'saved real']);
  save('real.star', '2');
  await until('saved real', 2);
  await watcher.scan();
  assert.equal(sources.get('alias'), '2');
});

test('a file of 50 MB, a folder and a pipe are refused without being read', async (t) => {
  const { at, save, until, sources } = await watched(t);
  save('big.star', '');
  truncateSync(at('big.star'), 50 * 1024 * 1024);
  mkdirSync(at('folder.star'));
  execFileSync('mkfifo', [at('pipe.star')]);
  for (const name of ['big', 'folder', 'pipe']) await until(`refused ${name}`);
  assert.match(sources.get('big') ?? '', /big\.star has 52428800 bytes; a script has at most 1048576/);
  assert.equal(sources.get('folder'), 'folder.star is a folder, not a script.');
  assert.equal(sources.get('pipe'), 'pipe.star is no regular file.');
});

test('a script that becomes unreadable and is deleted then is told removed', async (t) => {
  const { at, save, until, told } = await watched(t);
  save('a.star', '1');
  await until('saved a');
  truncateSync(at('a.star'), 50 * 1024 * 1024);
  await until('refused a');
  unlinkSync(at('a.star'));
  await until('removed a');
  assert.deepEqual(told, ['saved a', 'refused a', 'removed a']);
});

test('where the system has no watch to give, the folder is polled', async (t) => {
  const backends: string[] = [];
  const openEvents: OpenFolderEvents = (folder, backend, events) => {
    backends.push(backend);
    if (backend === 'polling') return openFolderEvents(folder, backend, events);
    queueMicrotask(() => events.onError(new Error('ENOSPC: System limit for number of file watchers reached')));
    return async () => {};
  };
  const { at, save, until, errors, sources } = await watched(t, { openEvents });
  save('a.star', '1');
  await until('saved a');
  save('a.star', '22');
  await until('saved a', 2);
  assert.equal(sources.get('a'), '22');
  unlinkSync(at('a.star'));
  await until('removed a');
  assert.deepEqual(backends, ['native', 'polling']);
  assert.match(errors.join(), /ENOSPC.*is polled instead/);
});

/** A space of users of its own has limits of its own. */
const unshare = ['-Ur', 'sh', '-c'];
const canUnshare = spawnSync('unshare', [...unshare, 'test -w /proc/sys/user/max_inotify_instances']).status === 0;
const skip = canUnshare ? false : 'no namespace of users can be made here';

for (const limit of ['max_inotify_instances', 'max_inotify_watches']) {
  test(`on a system whose ${limit} is 0, saves and removals are told all the same`, { skip }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'clay-watch-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const alone = join(import.meta.dirname, 'testing', 'watch-alone.ts');
    const command = `echo 0 > /proc/sys/user/${limit} && exec "$0" "$1" "$2"`;
    const run = spawnSync('unshare', [...unshare, command, process.execPath, alone, folder], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.match(
      run.stdout,
      /^saved first\nsaved second\nremoved\nThe system tells of no changes \(E.*is polled instead\.\n$/,
    );
  });
}

test('an event that the system has lost is found by the next sweep', async (t) => {
  const deaf: OpenFolderEvents = (_folder, _backend, events) => {
    queueMicrotask(events.onReady);
    return async () => {};
  };
  const { save, watcher, told } = await watched(t, { openEvents: deaf });
  save('a.star', '1');
  await watcher.scan();
  assert.deepEqual(told, ['saved a']);
});

test('a folder that goes away takes no script with it', async (t) => {
  const { folder, save, until, watcher, told, errors } = await watched(t);
  save('a.star', '1');
  await until('saved a');
  renameSync(folder, `${folder}-away`);
  t.after(() => rmSync(`${folder}-away`, { recursive: true, force: true }));
  await watcher.scan();
  await systemClock.sleep(300);
  assert.deepEqual(told, ['saved a']);
  assert.match(errors.join(), /cannot be read/);
  renameSync(`${folder}-away`, folder);
});

test('a closed watcher tells nothing more', async (t) => {
  const { save, watcher, told } = await watched(t);
  save('a.star', '1');
  await watcher.close();
  await systemClock.sleep(100);
  assert.deepEqual(told, []);
});

test('a save is told within 100 ms, as a rule', async (t) => {
  const { save, until } = await watched(t);
  const times: number[] = [];
  for (let round = 1; round <= 30; round++) {
    const start = performance.now();
    save('a.star', `# ${round * 7919}`);
    await until('saved a', round);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`p50 ${times[15]?.toFixed(1)} ms, p95 ${times[28]?.toFixed(1)} ms`);
  assert.ok(times[15]! < 100, `p50 ${times[15]} ms`);
});
