import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { type Server, startClaw } from './testing/claw.ts';
import { post } from './testing/http.ts';

const isRoot = process.getuid?.() === 0;
const only = { skip: !isRoot && 'skipped: not root', timeout: 60_000 };
/** Of nobody on the machine. */
const uid = 61_235;
const root = mkdtempSync(join(tmpdir(), 'clay-second-user-'));
const token = 'control-secret-of-the-claw';
let claw: Server;

before(async () => {
  if (!isRoot) return;
  // What an earlier host without a second user has left open.
  mkdirSync(join(root, 'data', 'files', 'other'), { recursive: true });
  mkdirSync(join(root, 'data', 'plugins'), { recursive: true });
  writeFileSync(join(root, 'data', 'files', 'other', 'notes.txt'), 'of another plugin');
  writeFileSync(join(root, 'data', 'plugins', 'readme.txt'), 'old');
  writeFileSync(join(root, 'clay.json'), JSON.stringify({ ceilings: { '*': ['shell'] } }));
  chmodSync(root, 0o755);
  claw = await startClaw({ CLAY_SHELL: 'on', CLAY_SHELL_USER: String(uid), CLAY_TOKEN: token }, root);
});

after(async () => {
  await claw?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** What a shell of the agent prints, and how it ends. */
async function shell(command: string): Promise<{ readonly output: string; readonly exitCode: number }> {
  const answer = JSON.parse(await say(`/tool bash ${JSON.stringify({ command })}`));
  const result = answer.events.find((event: JsonObject) => event.type === 'tool_result')?.result;
  assert.equal(typeof result?.exitCode, 'number', JSON.stringify(answer));
  return result;
}

const say = (text: string) => post(`${claw.publicUrl}/msg`, { text }, { authorization: `Bearer ${token}` });

const refused = /Permission denied|Operation not permitted/;

async function cannot(command: string): Promise<void> {
  const { output, exitCode } = await shell(command);
  assert.notEqual(exitCode, 0, `${command}: ${output}`);
  assert.match(output, refused, command);
}

test('a shell is the second user, without groups and for good', only, async () => {
  const { output } = await shell('id -u; id -g; id -G; grep NoNewPrivs /proc/self/status');
  assert.deepEqual(output.trim().split(/\s+/), [uid, uid, uid, 'NoNewPrivs:', 1].map(String));
});

test('a shell reads no state of the host', only, async () => {
  for (const path of ['data/messages.db', 'data/journal.db', 'clay.json', 'data/run.json', 'soul/SOUL.md'])
    await cannot(`cat ${root}/${path}`);
  await cannot(`cat ${root}/data/files/other/notes.txt`);
  for (const folder of ['', 'data', 'data/files', 'data/generations', 'data/children'])
    await cannot(`ls ${root}/${folder}`);
});

test('a shell changes no state of the host', only, async () => {
  for (const path of ['data/messages.db', 'clay.json']) await cannot(`rm -f ${root}/${path}`);
  await cannot(`mv ${root}/data ${root}/old`);
  await cannot(`mkdir ${root}/dev-ui`);
  await cannot(`chmod 777 ${root}/data`);
});

test('a shell neither sees into the host nor signals it', only, async () => {
  await cannot(`cat /proc/${claw.pid}/environ`);
  await cannot(`ls -l /proc/${claw.pid}/fd`);
  for (const signal of ['0', 'TERM', 'KILL']) await cannot(`kill -${signal} ${claw.pid}`);
  const { output } = await shell('env; cat /proc/$PPID/environ');
  assert.doesNotMatch(output, /control-secret|CLAY_/);
});

test('a shell cannot speak for a person: loopback wants the token too', only, async () => {
  const ask = `const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"yes"}' };
    for (const [url, how] of [['${claw.publicUrl}/msg', body], ['${claw.url}/list-apps', {}]])
      console.log(await (await fetch(url, how)).text());`;
  writeFileSync(join(root, 'work', 'ask.mjs'), ask);
  const { output } = await shell(`'${process.execPath}' ask.mjs`);
  assert.equal(output.match(/TOKEN_MISSING/g)?.length, 2, output);
});

test('a link that a shell makes leads no reader of the host into its state', only, async () => {
  const made = [
    `ln -s ${root}/clay.json public/leak.txt`,
    `ln -s ${root}/data/run.json data/extensions/leak.star`,
    `ln -s ${root}/data/run.json data/plugins/stray.ts`,
    `mkdir data/skills/leak && ln -s ${root}/data/run.json data/skills/leak/SKILL.md`,
  ];
  for (const command of made) assert.equal((await shell(command)).exitCode, 0, command);
  assert.equal((await fetch(`${claw.publicUrl}/leak.txt`)).status, 404);
  const readers = [
    '/tool extension_test {"name":"leak"}',
    '/tool build_and_deploy {"name":"stray","reason":"x"}',
    '/tool skill_read {"name":"leak"}',
  ];
  for (const text of readers) {
    const answer = await say(text);
    assert.match(answer, /"code":"(REFUSED|BAD_ARGUMENTS|NOT_FOUND|CONFLICT)"/, text);
    assert.doesNotMatch(answer, /adkUrl|startedAt/, text);
  }
  await shell('rm -r public/leak.txt data/extensions/leak.star data/plugins/stray.ts data/skills/leak');
});

test('a shell and the file tools work in one folder, and in those that are theirs', only, async () => {
  assert.match(await say('/tool write {"path":"notes/a.txt","content":"written"}'), /Wrote/);
  const { output } = await shell('pwd; cat notes/a.txt; echo " and seen" >> notes/a.txt');
  assert.equal(output, `${root}/work\nwritten`);
  assert.match(await say('/tool read {"path":"notes/a.txt"}'), /written and seen/);
  const made = 'echo new > data/plugins/readme.txt && mkdir -p data/skills/x data/ops && echo page > public/page.html';
  assert.equal((await shell(made)).exitCode, 0);
  assert.equal(await (await fetch(`${claw.publicUrl}/page.html`)).text(), 'page\n');
  assert.match(await say('/tool read {"path":"data/messages.db"}'), /REFUSED/);
});

test('what the host makes for the agent can be read by its shell', only, async () => {
  const source = "def hi():\\n    return 'hi'\\n";
  await say(`/tool extension_write {"name":"hi","source":"${source}"}`);
  assert.ok(existsSync(join(root, 'data', 'extensions', 'hi.star')));
  assert.match((await shell('cat data/extensions/hi.star')).output, /def hi/);
});

test('scripts run as the second user', only, async () => {
  assert.match(await say('/tool extension_run {"name":"hi"}'), /"hi"|: hi/);
  const children = readdirSync(join(root, 'data', 'children')).map(
    (name): JsonObject => JSON.parse(readFileSync(join(root, 'data', 'children', name), 'utf8')),
  );
  const owners = children
    .filter(({ plugin }) => plugin === 'starlark-lane')
    .map(({ pid }) => /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  assert.deepEqual([...new Set(owners)], [String(uid)]);
});

test('a plugin from the volume that may start programs is the second user too', only, async () => {
  const plugin = `import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { definePlugin } from '@clay/sdk';
export default definePlugin({
  name: 'runner',
  setup(ctx) {
    ctx.tool({
      name: 'runner',
      description: 'Runs.',
      parameters: { type: 'object' },
      run: () => {
        try {
          return { read: readFileSync('${root}/clay.json', 'utf8') };
        } catch (error: any) {
          return { id: execFileSync('id', ['-u'], { encoding: 'utf8' }), code: error.code, home: process.env.HOME };
        }
      },
    });
  },
});
`;
  const manifest = JSON.stringify({ name: 'runner', permissions: ['shell', 'fs.read:public'] });
  for (const [path, content] of Object.entries({ 'index.ts': plugin, 'plugin.json': manifest }))
    await say(`/tool write ${JSON.stringify({ path: `data/plugins/runner/${path}`, content })}`);
  assert.match(await say('/tool build_and_deploy {"name":"runner","reason":"x"}'), /probation/);
  const answer = JSON.parse(await say('/tool runner'));
  const { result } = answer.events.find((event: JsonObject) => event.type === 'tool_result');
  assert.deepEqual(result, { id: `${uid}\n`, code: 'EACCES', home: join(root, 'data', 'files', 'runner') });
});

test('state that comes later is shut as well', only, () => {
  for (const name of ['messages.db', 'messages.db-wal', 'journal.db', 'run.json', 'children', 'declarations'])
    if (existsSync(join(root, 'data', name))) assert.equal(statSync(join(root, 'data', name)).mode & 0o007, 0, name);
  assert.equal(readFileSync(join(root, 'data', 'files', 'other', 'notes.txt'), 'utf8'), 'of another plugin');
});
