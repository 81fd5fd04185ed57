import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { systemClock } from '../../clock.ts';
import type { Admission } from '../../medic/generations/medic.ts';
import { openTreeEvents } from '../../starlark/watch/chokidar.ts';
import { type Line, listLog } from '../testing/kernel-fixture.ts';
import { watchPlugins } from './plugin-watcher.ts';
import { SourceFolder } from './source-folder.ts';
import { createVolume } from './testing/volume.ts';

const limit = { timeout: 30_000 };

/** A folder that is watched, and what is asked for because of it. */
function watch(files: Readonly<Record<string, string>> = {}, openEvents = openTreeEvents) {
  const volume = createVolume();
  const write = (some: Readonly<Record<string, string>>) =>
    volume.write(Object.fromEntries(Object.entries(some).map(([path, text]) => [`plugins/${path}`, text])));
  write(files);
  const sources = new SourceFolder(join(volume.root, 'plugins'));
  const asked: string[] = [];
  const refused: string[] = [];
  const log: Line[] = [];
  const deployed = new Map<string, string | null>();
  const waiting = new Map<number, () => void>();
  let fail: ClayError | null = null;
  const ask = (line: string, plugin: string): Admission => {
    asked.push(line);
    const stamp = sources.stampOf(plugin);
    waiting.get(asked.length)?.();
    if (fail !== null) throw fail;
    deployed.set(plugin, stamp);
    return { plugin, generation: 1, hash: '', state: 'probation', problem: null };
  };
  const watcher = watchPlugins({
    sources,
    deployer: {
      deploy: async ({ plugin }) => ask(`deploy ${plugin}`, plugin),
      retireDeleted: async (plugin) => ask(`retire ${plugin}`, plugin),
      isChanged: (plugin) => sources.stampOf(plugin) !== (deployed.get(plugin) ?? null),
    },
    failures: { refused: (plugin) => refused.push(plugin) },
    clock: systemClock,
    log: listLog(log),
    openEvents,
  });
  return {
    ...volume,
    write,
    folder: sources.folder,
    watcher,
    asked,
    refused,
    log,
    failWith: (error: ClayError | null) => {
      fail = error;
    },
    /** Resolves when so much was asked for. */
    until: (count: number) =>
      new Promise<void>((resolve) => {
        if (asked.length >= count) resolve();
        else waiting.set(count, resolve);
      }),
    async [Symbol.asyncDispose]() {
      await watcher.close();
      volume[Symbol.dispose]();
    },
  };
}

test('what was saved while nobody watched is deployed at the start; what is deployed is not', limit, async () => {
  await using place = watch({ 'a/index.ts': 'a', 'b.ts': 'b' });
  await place.watcher.look();
  assert.deepEqual(place.asked.sort(), ['deploy a', 'deploy b']);
  await place.watcher.look();
  assert.equal(place.asked.length, 2);
});

test('a save of several files in several steps is one deploy, and so is the next one', limit, async () => {
  await using place = watch({ 'a/index.ts': 'a' });
  await place.watcher.look();
  place.write({ 'a/index.ts': 'a2', 'a/lib/deep/x.ts': 'x' });
  place.write({ 'a/lib/deep/y.ts': 'y', 'a/plugin.json': '{}' });
  await place.until(2);
  place.write({ 'a/lib/deep/x.ts': 'x2' });
  await place.until(3);
  assert.deepEqual(place.asked, ['deploy a', 'deploy a', 'deploy a']);
});

test('a deleted plugin is retired, and a renamed one is retired and deployed', limit, async () => {
  await using place = watch({ 'a/index.ts': 'a', 'b.ts': 'b' });
  await place.watcher.look();
  place.remove('plugins/b.ts');
  await place.until(3);
  assert.equal(place.asked[2], 'retire b');
  renameSync(join(place.folder, 'a'), join(place.folder, 'c'));
  await place.until(5);
  assert.deepEqual(place.asked.slice(3).sort(), ['deploy c', 'retire a']);
});

test('what editors and package managers write is no save', limit, async () => {
  await using place = watch({ 'a/index.ts': 'a' });
  await place.watcher.look();
  place.write({ 'a/.index.ts.swp': 'x', 'a/node_modules/p/index.js': 'x', '.a.new/index.ts': 'x', 'a/index.ts~': 'x' });
  place.write({ 'z.ts': 'the end' });
  await place.until(2);
  assert.deepEqual(place.asked, ['deploy a', 'deploy z']);
});

test('what fails is told, once for each save, and tried again when it is saved again', limit, async () => {
  await using place = watch({ 'a.ts': 'a' });
  place.failWith(new ClayError('NEEDS_APPROVAL', 'no'));
  await place.watcher.look();
  await place.watcher.look();
  assert.deepEqual([place.asked, place.refused], [['deploy a'], ['a']]);
  assert.ok(
    place.log.some(({ event, plugin, error }) => event === 'plugin.refused' && plugin === 'a' && error === 'no'),
  );
  place.failWith(null);
  place.write({ 'a.ts': 'better' });
  await place.until(2);
});

test('where the system tells of no changes the folder is polled', limit, async () => {
  await using place = watch({ 'a.ts': 'a' }, (folder, backend, events) => {
    if (backend === 'polling') return openTreeEvents(folder, backend, events);
    queueMicrotask(() => events.onError(new Error('no watch left')));
    return async () => {};
  });
  await place.watcher.look();
  place.write({ 'a.ts': 'saved' });
  await place.until(2);
  assert.ok(place.log.some(({ event, problem }) => event === 'plugins.watch' && problem === 'no watch left'));
});

test('a folder that goes away takes no plugin with it, and no host', limit, async () => {
  await using place = watch({ 'a.ts': 'a' });
  await place.watcher.look();
  place.remove('plugins');
  await place.watcher.look();
  await place.watcher.close();
  assert.deepEqual(place.asked, ['deploy a']);
  assert.ok(place.log.some(({ event, problem }) => event === 'plugins.watch' && /is gone/.test(String(problem))));
});
