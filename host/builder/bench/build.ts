import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { median } from '../../bench/statistics.ts';
import { systemClock as clock } from '../../clock.ts';
import type { Builder, BuildRequest } from '../builder.ts';
import { createBuilder } from '../create-builder.ts';
import { writeGeneration } from '../generation/generation-folder.ts';
import { verifyGeneration } from '../generation/verify-generation.ts';
import { defaultLimits } from '../limits.ts';
import { createRemoteBuilder } from '../remote/create-remote-builder.ts';
import { parseBuildAddress } from '../service/build-address.ts';
import { startBuildService } from '../service/build-service.ts';

/** What a save costs before its generation can be spawned: cold, warm, at a service; and the type check beside it. */
const coldRounds = 5;
const warmRounds = 40;
const checkRounds = 5;

const root = dirname(dirname(dirname(import.meta.dirname)));
const folder = mkdtempSync(join(tmpdir(), 'clay-bench-'));
const generations = join(folder, 'generations');
const small = join(folder, 'dice');
const large = join(folder, 'tasks');
cpSync(join(root, 'plugins', 'tasks'), large, { recursive: true });
cpSync(join(import.meta.dirname, 'dice'), small, { recursive: true });
let edits = 0;

/** A save: the same plugin, one line changed. */
function save(plugin: string): BuildRequest {
  edits += 1;
  const source = readFileSync(join(plugin, 'index.ts'), 'utf8').replace(/^export const edits.*\n/m, '');
  writeFileSync(join(plugin, 'index.ts'), `${source}export const edits = ${edits};\n`);
  return { folder: plugin };
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function repeat(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await time(work));
  return median(times);
}

async function cold(act: (builder: Builder) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < coldRounds; round++) {
    const builder = createBuilder({ clock });
    times.push(await time(() => act(builder)));
    await builder.close();
  }
  return median(times);
}

function print(what: string, ms: number, against?: readonly [name: string, ms: number]): void {
  const ratio = against === undefined ? '' : `  ${(against[1] / ms).toFixed(1)} × faster than ${against[0]}`;
  console.log(`${what.padEnd(58)} ${ms.toFixed(1).padStart(8)} ms${ratio}`);
}

const builder = createBuilder({ clock });
const address = parseBuildAddress('127.0.0.1:0');
const log = { debug() {}, info() {}, warn() {}, error: console.error };
const service = await startBuildService({ builder, limits: defaultLimits, address, tokens: [], clock, log });
const remote = createRemoteBuilder({ url: service.url, clock });
try {
  for (const [name, plugin] of [
    ['SDK only', small],
    ['with zod', large],
  ] as const) {
    const first = await cold((fresh) => fresh.build({ folder: plugin }));
    print(`${name}: first build of a process`, first);
    await builder.build(save(plugin));
    const warm = await repeat(warmRounds, () => builder.build(save(plugin)));
    print(`${name}: warm rebuild after a save`, warm, ['the first', first]);
    const served = await repeat(warmRounds, () => remote.build(save(plugin)));
    print(`${name}: the same at a build service on loopback`, served);
    const built = await builder.build({ folder: plugin });
    console.log(
      `${name}: bundle ${(built.code.byteLength / 1024).toFixed(1)} KB, map ${(built.map.byteLength / 1024).toFixed(1)} KB`,
    );
    let number = 0;
    print(
      `${name}: write a generation, every file on the disk`,
      await repeat(10, () => writeGeneration(generations, ++number, built, 0)),
    );
    print(
      `${name}: verify it before a spawn`,
      await repeat(10, () => verifyGeneration(join(generations, built.name, '1'), built.hash)),
    );
  }
  const firstCheck = await cold((fresh) => fresh.check({ folder: small }));
  print('type check: first of a process, with the SDK’s types', firstCheck);
  await builder.check(save(small));
  const check = await repeat(checkRounds, () => builder.check(save(small)));
  print('type check: after a save, SDK only', check, ['the first', firstCheck]);
  print('type check: after a save, with zod', await repeat(checkRounds, () => builder.check(save(large))));
  print('type check: the same sources again', await repeat(checkRounds, () => builder.check({ folder: small })));
  console.log(`load ${loadavg()[0]!.toFixed(1)}`);
} finally {
  await remote.close();
  await service.close();
  await builder.close();
  rmSync(folder, { recursive: true, force: true });
}
