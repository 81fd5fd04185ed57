// Run as a child: a host on the volume `root` that kills itself at `point`, while it serves one keyed call of `tool`.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePlugin, toFailure } from '@clay/sdk';
import { systemClock } from '../../clock.ts';
import type { CallJournal } from '../../journal/journal.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { openStore } from '../../store/open-store.ts';
import { createKernel, type KernelOptions } from '../create-kernel.ts';
import { listLog, sourceOf } from './kernel-fixture.ts';

const [root = '', tool = '', point = ''] = process.argv.slice(2);
const data = join(root, 'data');
const file = (name: string) => join(data, name);

function crashAt(name: string): void {
  if (name === point) process.kill(process.pid, 'SIGKILL');
}

const plugin = definePlugin({
  name: 'effects',
  setup(ctx) {
    for (const [name, idempotent] of [
      ['once', false],
      ['again', true],
    ] as const) {
      ctx.tool({
        name,
        description: 'Leaves a line behind.',
        idempotent,
        run: (_, { key, attempt }) => {
          crashAt('accepted');
          appendFileSync(join(root, 'effects'), `${key} ${attempt}\n`);
          crashAt('effect');
          return { attempt };
        },
      });
    }
  },
});

const store = openStore({
  database: file('messages.db'),
  data,
  backups: file('backups'),
  keepBackups: 1,
  clock: systemClock,
});
const opened = openJournal({ file: file('journal.db'), clock: systemClock });
const calls: CallJournal = {
  begin(call) {
    crashAt('start');
    opened.calls.begin(call);
    crashAt('begun');
  },
  retry: (...args) => opened.calls.retry(...args),
  done(...args) {
    crashAt('replied');
    opened.calls.done(...args);
    crashAt('done');
  },
  failed: (...args) => opened.calls.failed(...args),
  get: (id) => opened.calls.get(id),
  byKey: (capability, key) => opened.calls.byKey(capability, key),
  recent: (limit) => opened.calls.recent(limit),
};
const paths = { root, data, soul: join(root, 'soul'), public: join(root, 'public'), extensions: file('extensions') };
const config = { paths, plugins: {}, ceilings: {}, shell: 'off' } as unknown as KernelOptions['config'];
const kernel = createKernel({ config, store, journal: { ...opened, calls }, clock: systemClock, log: listLog([]) });
await kernel.start([sourceOf(plugin)]);
const outcome = await kernel.router
  .call({ capability: `tool:${tool}`, args: {}, caller: 'agent:clay', key: 'turn-1/call-1' })
  .then((value) => ({ value }), toFailure);
process.stdout.write(
  JSON.stringify({ outcome, rows: opened.calls.recent(10).map(({ state, attempt }) => `${state} ${attempt}`) }),
);
await kernel.stop();
opened.close();
store.close();
