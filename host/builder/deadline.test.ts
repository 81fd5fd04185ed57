import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemClock as clock } from '../clock.ts';
import { createBuilder } from './create-builder.ts';
import { emptyPlugin, failureOf, sources, temporaryFolder } from './testing/sources.ts';

/** Each of these statements makes the compiler work for a second and more; together they would take minutes. */
const typeBomb = `
type Grow<T extends unknown[], N extends number> = T['length'] extends N ? T : Grow<[...T, unknown], N>;
type Walk<S extends unknown[], Seen = never> = S extends [infer Head, ...infer Rest] ? Walk<Rest, Seen | [Head, Rest['length'], Seen]> : Seen;
type Cross<A extends string> = A extends infer X extends string ? { [K in A as \`\${X}\${K}\`]: Cross<Exclude<A, X>> } : never;
${Array.from({ length: 2000 }, (_, index) => `export type Bomb${index} = Cross<'a${index}' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i'>; export const bomb${index}: Bomb${index} = 0 as unknown as { x: Bomb${index} }; export type Long${index} = Walk<Grow<[], ${500 + (index % 400)}>>;`).join('\n')}
${emptyPlugin}`;

/** The programs of this process that run a TypeScript compiler now. */
function compilers(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return stat.includes('(tsc)') && stat.split(') ')[1]?.split(' ')[1] === String(process.pid);
      } catch {
        return false;
      }
    });
}

test('types that would take minutes end at the deadline, and leave neither a process nor a file', async () => {
  using folder = temporaryFolder();
  const builder = createBuilder({ clock, workFolder: folder.path, limits: { checkMs: 4000 } });
  await builder.check({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' });
  const startedAt = clock.now();
  const error = await failureOf(builder.check({ files: sources({ 'index.ts': typeBomb }), name: 'bomb' }));
  assert.match(
    `${error.code} ${error.message}`,
    /^(TIMEOUT|TOO_LARGE) Checking the types of plugin "bomb" took (longer than 4000 ms|more than 1024 MB)/,
  );
  assert.ok(clock.now() - startedAt < 8000);
  assert.deepEqual(compilers(), []);
  const left = readdirSync(folder.path, { recursive: true }).filter((name) => String(name).includes('check-'));
  assert.deepEqual(left, []);
  await builder.close();
});

test('types that take too much memory end at the limit', async () => {
  const builder = createBuilder({ clock, limits: { checkMs: 60_000, checkMemoryMb: 40 } });
  const error = await failureOf(builder.check({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' }));
  assert.match(
    `${error.code} ${error.message}`,
    /^TOO_LARGE Checking the types of plugin ".+" took more than 40 MB \(limit checkMemoryMb\)/,
  );
  await builder.close();
});

test('while one plugin’s types are checked, another builds', async () => {
  const builder = createBuilder({ clock, limits: { checkMs: 3000 } });
  const bomb = failureOf(builder.check({ files: sources({ 'index.ts': typeBomb }), name: 'bomb' }));
  const built = await Promise.race([bomb, builder.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' })]);
  assert.ok('hash' in built);
  await bomb;
  await builder.close();
});

test('a bundle that takes too long is given up, and the next one builds', async () => {
  const builder = createBuilder({ clock, limits: { buildMs: 1000 } });
  await builder.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' });
  // A path put together at run time that leads up to the root makes the compiler walk the whole disk.
  const walk = `${emptyPlugin}await import('${'../'.repeat(60)}' + process.argv[2] + '.nothing');`;
  const [slow, innocent] = await Promise.all([
    failureOf(builder.build({ files: sources({ 'index.ts': walk }), name: 'walk' })),
    builder.build({ files: sources({ 'index.ts': `${emptyPlugin}export const a = 1;` }), name: 'x' }),
  ]);
  assert.match(
    `${slow.code} ${slow.message}`,
    /^(TIMEOUT Bundling plugin "walk" took longer than 1000 ms|BAD_ARGUMENTS)/,
  );
  assert.equal(innocent.name, 'x');
  assert.equal((await builder.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' })).name, 'x');
  await builder.close();
});

test('brackets a hundred thousand deep end as an error, and the next one builds', async () => {
  const builder = createBuilder({ clock });
  const deep = `export default ${'['.repeat(100_000)}${']'.repeat(100_000)};`;
  const outcome = await builder
    .build({ files: sources({ 'index.ts': deep }), name: 'deep' })
    .catch((error: unknown) => error);
  assert.ok(outcome instanceof Error || (typeof outcome === 'object' && outcome !== null && 'hash' in outcome));
  assert.equal((await builder.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' })).name, 'x');
  await builder.close();
});

test('a compiler that is killed is started again', async () => {
  const builder = createBuilder({ clock });
  const files = sources({ 'index.ts': emptyPlugin });
  const before = await builder.build({ files, name: 'x' });
  const [pid] = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return stat.includes('(esbuild)') && stat.split(') ')[1]?.split(' ')[1] === String(process.pid);
      } catch {
        return false;
      }
    });
  process.kill(Number(pid), 'SIGKILL');
  assert.equal((await builder.build({ files, name: 'x' })).hash, before.hash);
  await builder.close();
});
