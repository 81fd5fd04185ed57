import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';
import { dump, inNumbers, type Lab, tells } from '../lab.ts';

/** Below the claw's folder, with what a reader would find in each. */
function stateOf(lab: Lab): Readonly<Record<string, string>> {
  return {
    'data/token': lab.token,
    'data/messages.db': 'SQLite format 3',
    'data/journal.db': 'SQLite format 3',
    'data/identity.pem': 'PRIVATE KEY',
    'clay.json': 'privateOrigins',
  };
}

/** Whether `read` gives any of the claw's state. */
async function anyOf(lab: Lab, read: (path: string) => Promise<string>): Promise<boolean> {
  let isRead = false;
  for (const [path, text] of Object.entries(stateOf(lab))) isRead ||= tells(await read(path), text);
  return isRead;
}

/** Whether the operator's file became another by it; it is as before afterwards. */
async function changesSettings(lab: Lab, work: () => Promise<unknown>): Promise<boolean> {
  const file = join(lab.root, 'clay.json');
  const before = readFileSync(file, 'utf8');
  await work();
  const isChanged = readFileSync(file, 'utf8') !== before;
  if (isChanged) writeFileSync(file, before);
  return isChanged;
}

const overrides = '{"overrides":["telegram"],"ceilings":{"*":["shell"]},"budgets":{}}';

/** What the claw keeps on its volume. */
export const stateAttacks: readonly Attack[] = [
  {
    action: 'read conversations, the journal, `clay.json`, the control token or the claw’s own key',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because: 'file tools and scripts are kept from them by name and real path; a shell only by its user',
    ways: {
      'by the file tools': async (lab) =>
        (await anyOf(lab, (path) => lab.tool('read', { path }))) ||
        (await anyOf(lab, (path) => lab.tool('read', { path: join(lab.root, path) }))) ||
        (await anyOf(lab, (path) => lab.tool('read', { path: `data/files/../../${path}` }))),
      'by a search for what is in them': async (lab) =>
        tells(await lab.tool('search', { content: lab.token.slice(0, 12), path: lab.root }), lab.token),
      'by sending them as files': async (lab) =>
        await anyOf(lab, (path) => lab.tool('send_file', { path: join(lab.root, path) })),
      'by a script': async (lab) => {
        const paths = Object.keys(stateOf(lab)).flatMap((path) => [path, `files/../../${path}`, join(lab.root, path)]);
        const output = await lab.script(paths.map((path) => `log(read_file(${JSON.stringify(path)}))`).join('\n'));
        return Object.values(stateOf(lab)).some((text) => tells(output, text));
      },
      'by a script that asks for the files': async (lab) => {
        const folders = ['data', 'data/token', 'data/identity.pem', 'clay.json'];
        const read = folders.map((path) => `allow(read = [${JSON.stringify(path)}])`).join('\n');
        return tells(await lab.script('return read_file("data/token") + read_file("clay.json")', read), lab.token);
      },
      'by the shell': async (lab) => await anyOf(lab, (path) => lab.shell(dump(join(lab.root, path)))),
      'by a link on the public page': async (lab) => {
        await lab.shell(`ln -sf ${lab.root}/data/token ${lab.root}/public/leak.txt`);
        return tells(await (await fetch(`${lab.claw.publicUrl}/leak.txt`)).text(), lab.token);
      },
    },
  },
  {
    action: 'read the host’s environment, in which the operator’s keys are',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because: 'programs get an environment of their own; `/proc` is shut to another user',
    ways: {
      'by the file tools': async (lab) =>
        tells(await lab.tool('read', { path: `/proc/${lab.claw.pid}/environ` }), lab.providerKey),
      'by a script': async (lab) =>
        tells(
          await lab.script(`return read_file("/proc/${lab.claw.pid}/environ") + str(read_file("/proc/self/environ"))`),
          lab.providerKey,
        ),
      'by the shell’s own': async (lab) => tells(await lab.shell(`env | ${inNumbers}`), lab.providerKey),
      'by that of every process': async (lab) =>
        tells(
          await lab.shell(`cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -a ANTHROPIC_API_KEY=plan | ${inNumbers}`),
          lab.providerKey,
        ),
    },
  },
  {
    action: 'have the token or a key shown as it is, in hexadecimal digits or in base64',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'impossible', hardened: 'impossible' },
    because:
      'taken out of every result by its value; a program can disguise it otherwise, so this mends slips and stops no attack',
    ways: Object.fromEntries(
      ['cat', 'xxd -p -c 999', 'base64 -w0'].map((show) => [
        show.split(' ')[0]!,
        async (lab: Lab) => {
          const output = await lab.shell(
            `tr '\\0' '\\n' < /proc/${lab.claw.pid}/environ | grep ANTHROPIC_API_KEY | tr -d '\\n' | ${show}; ${show} ${lab.root}/data/token`,
          );
          return [lab.token, lab.providerKey].some((secret) =>
            (['utf8', 'hex', 'base64'] as const).some((form) =>
              output.includes(Buffer.from(secret).toString(form).slice(4, 28)),
            ),
          );
        },
      ]),
    ),
  },
  {
    action: 'change `clay.json`: ceilings, budgets, approvals, what may be replaced',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because: 'only the operator’s file says what needs a yes; where this is possible, so is all else after a restart',
    ways: {
      'by the file tools': async (lab) =>
        await changesSettings(lab, async () => {
          for (const path of ['clay.json', join(lab.root, 'clay.json'), 'public/../clay.json'])
            await lab.tool('write', { path, content: overrides });
          await lab.tool('edit', { path: 'clay.json', old_text: '{', new_text: overrides, all: true });
        }),
      'by a script': async (lab) =>
        await changesSettings(lab, () =>
          lab.script(`log(write_file("clay.json", "{}"))\nlog(write_file("public/../clay.json", "{}"))`),
        ),
      'by the shell': async (lab) =>
        await changesSettings(lab, () => lab.shell(`echo '${overrides}' > ${lab.root}/clay.json`)),
    },
  },
  {
    action: 'change conversations or the journal behind the host’s back, or remove them',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because: 'as for reading',
    ways: {
      'by the file tools': async (lab) => {
        const answer = await lab.tool('edit', { path: 'data/journal.db', old_text: 'SQLite', new_text: 'SQLite' });
        return !answer.includes('"error"');
      },
      'by the shell': async (lab) =>
        (await lab.shell(`: >> ${lab.root}/data/messages.db && echo "state"-opened`)).includes('state-opened'),
    },
  },
  {
    action: 'change what the host itself runs: pages of its own origin, builds of plugins',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because: 'file tools are kept out; a build is held to its hash before every start',
    ways: {
      'by the file tools': async (lab) =>
        [
          await lab.tool('write', {
            path: join(lab.root, 'dev-ui', 'index.html'),
            content: '<script>alert(1)</script>',
          }),
          await lab.tool('write', { path: join(lab.root, 'data/generations/x/1/index.mjs'), content: '' }),
        ].some((answer) => !answer.includes('"error"')),
      'by the shell': async (lab) =>
        (await lab.shell(`mkdir -p ${lab.root}/dev-ui/x ${lab.root}/data/generations/x && echo "made"-it`)).includes(
          'made-it',
        ),
    },
  },
];
