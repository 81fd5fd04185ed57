import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock as clock } from '../clock.ts';
import { createLog } from '../log.ts';
import { createGeneration, openVolume } from '../process/testing/start-generation.ts';
import { diagnosticsOf } from './build-error.ts';
import type { Builder } from './builder.ts';
import { createBuilder } from './create-builder.ts';
import { writeGeneration } from './generation/generation-folder.ts';
import { verifyGeneration } from './generation/verify-generation.ts';
import { defaultLimits } from './limits.ts';
import { createRemoteBuilder } from './remote/create-remote-builder.ts';
import { parseBuildAddress } from './service/build-address.ts';
import { startBuildService } from './service/build-service.ts';
import { emptyPlugin, failureOf, sources, temporaryFolder } from './testing/sources.ts';

const silent = createLog({ level: 'error', format: 'text', write: (line) => process.stderr.write(line), clock });
const plugins = join(dirname(dirname(import.meta.dirname)), 'plugins');

interface Setting {
  readonly builder: Builder;
  readonly end: () => Promise<void>;
}

async function startLocal(): Promise<Setting> {
  const builder = createBuilder({ clock });
  return { builder, end: () => builder.close() };
}

async function startRemote(): Promise<Setting> {
  const local = createBuilder({ clock });
  const address = parseBuildAddress('127.0.0.1:0');
  const service = await startBuildService({
    builder: local,
    limits: defaultLimits,
    address,
    tokens: [],
    clock,
    log: silent,
  });
  const builder = createRemoteBuilder({ url: service.url, clock });
  const end = async () => {
    await builder.close();
    await service.close();
    await local.close();
  };
  return { builder, end };
}

for (const [kind, start] of [
  ['the library', startLocal],
  ['the service', startRemote],
] as const)
  describe(`the builder, as ${kind}`, () => {
    let setting: Setting;
    before(async () => {
      setting = await start();
    });
    after(() => setting.end());

    const build = (files: Parameters<typeof sources>[0], name = 'x') =>
      setting.builder.build({ files: sources(files), name });
    const check = (files: Parameters<typeof sources>[0], name = 'x') =>
      setting.builder.check({ files: sources(files), name });
    const refusals = async (files: Parameters<typeof sources>[0]) =>
      diagnosticsOf(await failureOf(build(files))).map(({ code, file, line, column }) => [code, file, line, column]);

    test('a folder becomes a generation that runs: its tools answer, its errors keep their code and their line', async () => {
      using folder = temporaryFolder({
        'dice/plugin.json': '{"name":"dice","permissions":["fs.read:public"]}',
        'dice/sides.ts': 'export enum Sides { few = 6 }\n',
        'dice/index.ts': `import { readFileSync } from 'node:fs';
import { ClayError, definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { Sides } from './sides.ts';

export default definePlugin({
  name: 'dice',
  setup(ctx) {
    ctx.tool({ name: 'sides', description: 'd', parameters: z.object({ more: z.number() }), run: ({ more }) => Sides.few + more });
    ctx.tool({ name: 'fail', description: 'd', parameters: { type: 'object' }, run: () => { throw new ClayError('NOT_FOUND', 'no such die'); } });
    ctx.tool({ name: 'peek', description: 'd', parameters: { type: 'object' }, run: () => readFileSync('/etc/passwd', 'utf8') });
    ctx.tool({ name: 'crash', description: 'd', parameters: { type: 'object' }, run: () => { setImmediate(() => { throw new Error('broken die'); }); return 1; } });
  },
});
`,
      });
      const built = await setting.builder.build({ folder: join(folder.path, 'dice') });
      const { main } = await writeGeneration(folder.path, 1, built, 0);
      await using volume = openVolume();
      const generation = createGeneration(volume, {
        manifest: { name: 'dice', permissions: ['fs.read:public'] },
        plugin: main,
        process: { verify: async () => void (await verifyGeneration(dirname(main), built.hash)) },
      });
      await generation.stage();
      await generation.live();
      assert.equal(await generation.call('tool:sides', { more: 1 }), 7);
      assert.deepEqual(await failureOf(generation.call('tool:fail')).then(({ code, message }) => [code, message]), [
        'NOT_FOUND',
        'no such die',
      ]);
      assert.match(
        (await failureOf(generation.call('tool:peek'))).message,
        /no permission for FileSystemRead of \/etc\/passwd/,
      );
      await generation.call('tool:crash').catch(() => null);
      await generation.death();
      assert.match(JSON.stringify(generation.faults[0]), /index\.ts:12/);
      assert.ok(Object.keys(built.summary.modules).includes('sides.ts'));
      assert.ok(built.summary.packages.zod! > 0);
    });

    test('one file with no manifest becomes a plugin of its name with the default permissions', async () => {
      using folder = temporaryFolder({ 'weather.ts': emptyPlugin });
      const built = await setting.builder.build({ folder: join(folder.path, 'weather.ts') });
      assert.equal(built.name, 'weather');
      assert.deepEqual(built.manifest.permissions, [
        'http:*',
        'fs.read:public',
        'fs.read:files/weather',
        'fs.write:files/weather',
      ]);
    });

    test('the same sources give the same hash, cold or warm, wherever they stand; a change gives another', async () => {
      using folder = temporaryFolder();
      cpSync(join(plugins, 'tasks'), join(folder.path, 'elsewhere'), { recursive: true });
      const first = await setting.builder.build({ folder: join(plugins, 'tasks') });
      const again = await setting.builder.build({ folder: join(plugins, 'tasks') });
      const copy = await setting.builder.build({ folder: join(folder.path, 'elsewhere') });
      assert.equal(again.hash, first.hash);
      assert.equal(copy.hash, first.hash);
      const fresh = createBuilder({ clock });
      assert.equal((await fresh.build({ folder: join(plugins, 'tasks') })).hash, first.hash);
      await fresh.close();
      writeFileSync(join(folder.path, 'elsewhere', 'task.ts'), 'export {};\n', { flag: 'a' });
      writeFileSync(join(folder.path, 'elsewhere', 'plugin.json'), '{"name":"tasks","version":"9.0.0"}');
      assert.notEqual((await setting.builder.build({ folder: join(folder.path, 'elsewhere') })).hash, first.hash);
    });

    test('the source map names the plugin’s files by their paths in its folder and holds them', async () => {
      const { map, code } = await build({
        'index.ts': `import { f } from './lib/a.ts';\n${emptyPlugin}f();\n`,
        'lib/a.ts': 'export const f = (): void => {};\n',
      });
      const parsed = JSON.parse(Buffer.from(map).toString());
      const index = parsed.sources.indexOf('lib/a.ts');
      assert.match(parsed.sourcesContent[index], /export const f/);
      assert.match(Buffer.from(code).toString(), /\/\/# sourceMappingURL=main\.mjs\.map\n$/);
    });

    test('imports of files outside are refused, each with file, line and column', async () => {
      const lines = [
        "import a from '../../../etc/passwd';",
        "import '/etc/hosts';",
        "import 'file:///etc/hosts';",
        "import b from '../../host/clock.ts';",
        "import 'data:text/javascript,1';",
        "import 'https://example.com/x.js';",
        'console.log(a, b);',
      ];
      assert.deepEqual(await refusals({ 'index.ts': lines.join('\n') }), [
        ['IMPORT_OUTSIDE', 'index.ts', 1, 15],
        ['IMPORT_OUTSIDE', 'index.ts', 2, 8],
        ['IMPORT_OUTSIDE', 'index.ts', 3, 8],
        ['IMPORT_OUTSIDE', 'index.ts', 4, 15],
        ['IMPORT_OUTSIDE', 'index.ts', 5, 8],
        ['IMPORT_OUTSIDE', 'index.ts', 6, 8],
      ]);
    });

    test('packages that are not listed are refused, and the listed ones are named', async () => {
      const error = await failureOf(
        build({ 'index.ts': "import x from 'lodash';\nimport y from '@clay/host';\nx(y);" }),
      );
      assert.match(
        error.details.output!,
        /index\.ts:1:15: error IMPORT_PACKAGE: The package "lodash" cannot be bundled/,
      );
      assert.match(error.details.output!, /index\.ts:2:15: error IMPORT_PACKAGE/);
      assert.match(error.details.output!, /Packages that can: "@clay\/sdk".*"zod"/);
    });

    test('a module of Node needs its permission, by either spelling; some no plugin gets', async () => {
      const code =
        "import { spawn } from 'node:child_process';\nimport fs from 'fs';\nimport { join } from 'node:path';\nspawn(join('x')); fs.statSync('x');";
      const manifest = (permissions: string[]) => JSON.stringify({ name: 'x', permissions });
      assert.deepEqual(await refusals({ 'index.ts': code, 'plugin.json': manifest([]) }), [
        ['IMPORT_BUILTIN', 'index.ts', 1, 23],
        ['IMPORT_BUILTIN', 'index.ts', 2, 16],
      ]);
      const built = await build({
        'index.ts': `${code}export default 1;`,
        'plugin.json': manifest(['shell', 'fs.read:public']),
      });
      assert.deepEqual(built.summary.builtins, ['node:child_process', 'node:fs', 'node:path']);
      for (const name of ['worker_threads', 'sqlite', 'vm', 'module', 'inspector', 'http'])
        assert.deepEqual(await refusals({ 'index.ts': `import * as m from 'node:${name}';\nconsole.log(m);` }), [
          ['IMPORT_BUILTIN', 'index.ts', 1, 20],
        ]);
    });

    test('what the SDK’s own modules need of Node is judged too', async () => {
      const error = await failureOf(
        build({
          'index.ts':
            "import { createTestHost } from '@clay/sdk/testing';\ncreateTestHost;export default createTestHost;",
        }),
      );
      assert.match(
        error.details.output!,
        /^index\.ts:1:33: error IMPORT_BUILTIN: @clay\/sdk imports node:\w+\. No plugin may import/m,
      );
    });

    test('a path that is put together at run time is refused, and nothing on the disk is looked at', async () => {
      const lines = [
        'const n = process.argv[2];',
        'await import(n!);',
        "await import('./' + n + '.ts');",
        "await import('../../../' + n + '.json');",
        'require(n!);',
        "await import('./a.ts');",
      ];
      const found = await refusals({ 'index.ts': lines.join('\n'), 'a.ts': 'export {};' });
      assert.deepEqual(
        found.map(([code, , line]) => [code, line]).sort(),
        [2, 3, 4, 5].map((line) => ['IMPORT_DYNAMIC', line]),
      );
    });

    test('JSON is data, text is asked for, CSS is refused with what to write', async () => {
      const built = await build({
        'index.ts':
          "import d from './d.json' with { type: 'json' };\nimport t from './t.css' with { type: 'text' };\nexport default { d, t };",
        'd.json': '{"answer":42}',
        't.css': 'a{}',
      });
      assert.match(Buffer.from(built.code).toString(), /answer: 42[\s\S]*a\{\}/);
      const error = await failureOf(
        build({ 'index.ts': "import css from './t.css';\nexport default css;", 't.css': 'a{}' }),
      );
      assert.match(
        error.details.output!,
        /index\.ts:1:17: error IMPORT_KIND[\s\S]*import text from '\.\/t\.css' with \{ type: 'text' \};/,
      );
    });

    test('syntax errors of several files come at once, with source line and caret', async () => {
      const error = await failureOf(
        build({
          'index.ts': "import './a.ts';\nimport './b.ts';",
          'a.ts': "const ä = 'ö' ö;",
          'b.ts': '\nexport const = 1;',
        }),
      );
      assert.equal(error.code, 'BAD_ARGUMENTS');
      assert.equal(error.details.phase, 'build');
      assert.match(error.message, /Plugin "x" does not build: 2 errors in 2 files\./);
      assert.match(error.details.output!, /a\.ts:1:15: error SYNTAX: .*\n {4}const ä = 'ö' ö;\n {18}\^/);
      assert.match(error.details.output!, /b\.ts:2:14: error SYNTAX: .*\n {4}export const = 1;\n {17}\^/);
    });

    test('type errors come all at once as data, tests of the plugin included', async () => {
      const error = await failureOf(
        check({
          'index.ts': `${emptyPlugin}const days: number = 'seven';\nexport { days };\n`,
          'index.test.ts': "import plugin from './index.ts';\nplugin.nme;\n",
        }),
      );
      assert.equal(error.details.phase, 'check');
      assert.deepEqual(
        diagnosticsOf(error)
          .map(({ code, file, line, column, source }) => [code, file, line, column, source])
          .sort(),
        [
          ['TS2322', 'index.ts', 3, 7, "const days: number = 'seven';"],
          ['TS2551', 'index.test.ts', 2, 8, 'plugin.nme;'],
        ],
      );
      assert.match(error.details.output!, / {4}const days: number = 'seven';\n {10}\^\^\^\^\n?/);
    });

    test('right types pass, against the SDK’s own', async () => {
      assert.equal((await setting.builder.check({ folder: join(plugins, 'tasks') })).name, 'tasks');
      const error = await failureOf(
        check({
          'index.ts':
            "import { definePlugin } from '@clay/sdk';\nexport default definePlugin({ name: 'x', setup(ctx) { ctx.toool({}); } });",
        }),
      );
      assert.match(
        error.details.output!,
        /index\.ts:2:\d+: error TS\d+: Property 'toool' does not exist on type 'Context/,
      );
    });

    test('types of files outside are refused without a word of what stands in them', async () => {
      const secret = mkdtempSync(join(tmpdir(), 'clay-secret-'));
      writeFileSync(join(secret, 'secret.json'), '{"passwordIsHunter2":1}');
      const path = `../../../../../../../../../..${secret}/secret.json`;
      const lines = [`type Secret = typeof import('${path}');`, 'const s: Secret = 1;', 'export default s;'];
      const error = await failureOf(check({ 'index.ts': lines.join('\n') }));
      rmSync(secret, { recursive: true });
      assert.match(error.details.output!, /index\.ts:1:30: error IMPORT_OUTSIDE/);
      assert.doesNotMatch(JSON.stringify(error.details), /Hunter2/);
    });

    test('every mistake of a manifest comes at once, at its line', async () => {
      const manifest =
        '{\n "name": "Bad Name",\n "versoin": "1",\n "permissions": ["http", "root"],\n "limits": {"memoryMb": 1},\n "probes": [{"name": "x"}],\n "requires": ["memory"]\n}';
      const error = await failureOf(
        setting.builder.build({ files: sources({ 'index.ts': emptyPlugin, 'plugin.json': manifest }) }),
      );
      const found = diagnosticsOf(error).map(({ line, text }) => [line, /^"([^"]+)"/.exec(text)?.[1]]);
      assert.deepEqual(found.sort(), [
        [2, 'name'],
        [3, 'versoin'],
        [4, 'permissions[0]'],
        [4, 'permissions[1]'],
        [5, 'limits.memoryMb'],
        [6, 'probes[0].call'],
        [7, 'requires[0]'],
      ]);
    });

    test('a manifest that is no JSON, a missing entry and bytes that are not UTF-8 are told together', async () => {
      const error = await failureOf(
        build({
          'plugin.json': '{\n "name": "x",\n}',
          'lib/a.ts': Buffer.from('const ok = 1;\nconst a = "\xff";', 'latin1'),
        }),
      );
      const found = diagnosticsOf(error).map(({ code, file, line, column }) => [code, file, line, column]);
      assert.deepEqual(found, [
        ['NOT_UTF8', 'lib/a.ts', 2, 12],
        ['MANIFEST', 'plugin.json', 3, 1],
        ['NO_ENTRY', null, null, null],
      ]);
    });

    test('names that mean something to JavaScript are names like others', async () => {
      const built = await build({
        'index.ts':
          "import * as a from './__proto__.ts';\nimport * as b from './constructor.ts';\nexport default { a, b, toString: 1, ['__proto__']: 2 };",
        '__proto__.ts': 'export const hasOwnProperty = 1;',
        'constructor.ts': 'export const constructor = 2;',
        'plugin.json': '{"name":"x"}',
      });
      assert.deepEqual(Object.keys(built.summary.modules).sort(), ['__proto__.ts', 'constructor.ts', 'index.ts']);
      for (const name of ['__proto__', 'constructor', 'toString']) {
        const error = await failureOf(
          build({ 'index.ts': emptyPlugin, 'plugin.json': `{"name":"x","${name}":{"x":1}}` }),
        );
        assert.match(error.details.output!, new RegExp(`"${name}" `));
      }
      assert.equal((await failureOf(build({ 'index.ts': emptyPlugin }, '__proto__'))).code, 'BAD_ARGUMENTS');
    });

    test('a link out of the folder is refused, one inside is followed', async () => {
      using folder = temporaryFolder({
        'links/index.ts': "import './real.ts';\nimport './alias.ts';\nexport default 1;",
        'links/real.ts': 'export {};',
        'secret.ts': 'export {};',
      });
      const root = join(folder.path, 'links');
      symlinkSync('real.ts', join(root, 'alias.ts'));
      assert.equal((await setting.builder.build({ folder: root })).name, basename(root));
      symlinkSync('../secret.ts', join(root, 'stolen.ts'));
      assert.match(
        (await failureOf(setting.builder.build({ folder: root }))).message,
        /"stolen\.ts" is a link out of the plugin's folder/,
      );
      rmSync(join(root, 'stolen.ts'));
      symlinkSync('/etc', join(root, 'etc'));
      assert.equal((await failureOf(setting.builder.build({ folder: root }))).code, 'REFUSED');
    });

    test('ten thousand files and a file of 60 MB are refused by name of the limit, before they are read', async () => {
      using folder = temporaryFolder({ 'many/index.ts': emptyPlugin, 'large/index.ts': emptyPlugin });
      for (let index = 0; index < 10_000; index++) writeFileSync(join(folder.path, 'many', `f${index}.ts`), '');
      const many = await failureOf(setting.builder.build({ folder: join(folder.path, 'many') }));
      assert.match(`${many.code} ${many.message}`, /^TOO_LARGE There are more than 1000 files \(limit files\)/);
      writeFileSync(join(folder.path, 'large', 'data.json'), Buffer.alloc(60_000_000, 32));
      const large = await failureOf(setting.builder.build({ folder: join(folder.path, 'large') }));
      assert.match(
        `${large.code} ${large.message}`,
        /^TOO_LARGE "data\.json" has 60000000 bytes; one file may have 2000000 \(limit fileBytes\)/,
      );
    });

    test('an aborted build or check ends as cancelled', async () => {
      const files = sources({ 'index.ts': emptyPlugin });
      const aborted = AbortSignal.abort();
      assert.equal((await failureOf(setting.builder.build({ files, name: 'x' }, aborted))).code, 'CANCELLED');
      const controller = new AbortController();
      const checking = setting.builder.check(
        { files: sources({ 'index.ts': `${emptyPlugin}// ${Math.random()}` }), name: 'x' },
        controller.signal,
      );
      setImmediate(() => controller.abort());
      assert.equal((await failureOf(checking)).code, 'CANCELLED');
    });

    test('empty folders and dot files play no part', async () => {
      using folder = temporaryFolder({
        'p/index.ts': emptyPlugin,
        'p/.index.ts.swp': 'x',
        'p/index.ts~': 'x',
        'p/node_modules/lodash/index.js': 'x',
        'p/.git/HEAD': 'x',
      });
      mkdirSync(join(folder.path, 'p', 'empty'));
      assert.deepEqual(
        (await setting.builder.build({ folder: join(folder.path, 'p') })).summary.modules['index.ts'] !== undefined,
        true,
      );
    });
  });
