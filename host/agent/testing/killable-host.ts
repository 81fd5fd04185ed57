import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePlugin } from '@clay/sdk';
import { systemClock } from '../../clock.ts';
import { loadConfig } from '../../config/load.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { createKernel } from '../../kernel/create-kernel.ts';
import { createLog } from '../../log.ts';
import type { Router } from '../../router/router.ts';
import { openStore } from '../../store/open-store.ts';
import { createAgentHost } from '../create-agent-host.ts';

// A host as a test can kill it: a real store, journal and kernel with one plugin whose tool leaves a line for every run.
// Arguments: the folder, the provider's address, and a message to begin with or nothing to go on with what is open.
const [folder = '', provider = '', message] = process.argv.slice(2);
const log = createLog({
  level: 'warn',
  format: 'json',
  write: (line) => process.stderr.write(`${line}\n`),
  clock: systemClock,
});
const { config } = loadConfig({
  env: { ANTHROPIC_API_KEY: 'k', ANTHROPIC_API_BASE: provider, ANTHROPIC_MODEL: 'glm-5' },
  defaultRoot: folder,
  isTerminal: false,
});
const { paths } = config;
const store = openStore({
  database: paths.database,
  data: paths.data,
  backups: paths.backups,
  keepBackups: 1,
  clock: systemClock,
});
const journal = openJournal({ file: paths.journal, clock: systemClock });
const kernel = createKernel({ config, store, journal, clock: systemClock, log });
const counter = definePlugin({
  name: 'counter',
  setup(ctx) {
    ctx.tool({
      name: 'count',
      description: 'Leaves a line.',
      parameters: { type: 'object', properties: { line: { type: 'string' }, wait: { type: 'boolean' } } },
      async run({ line, wait }, call) {
        appendFileSync(join(folder, 'lines.txt'), `${line}\n`);
        if (wait) await new Promise((_resolve, reject) => call.signal.addEventListener('abort', reject));
        return { counted: String(line) };
      },
    });
    ctx.agent({
      type: 'loop',
      name: 'code_loop',
      description: 'Codes until the checker is content.',
      until: 'signal',
      agents: [
        {
          type: 'external',
          name: 'coder',
          description: 'Leaves a line, and works until it is stopped.',
          async *run(_task, call) {
            appendFileSync(join(folder, 'lines.txt'), 'coded\n');
            await new Promise((_resolve, reject) => call.signal.addEventListener('abort', reject));
            yield { type: 'text', text: '' };
            return 'coded';
          },
        },
        { type: 'llm', name: 'checker', description: 'Checks.', instruction: 'Check it.' },
      ],
    });
  },
});
await kernel.start([{ name: 'counter', origin: 'image', manifest: null, load: async () => counter }]);
/** Leaves a line for every answer, which the journal has by then. */
const router: Router = {
  get active() {
    return kernel.router.active;
  },
  stream: (request) => kernel.router.stream(request),
  async call(request) {
    const answer = await kernel.router.call(request);
    appendFileSync(join(folder, 'answers.txt'), `${JSON.stringify(answer)}\n`);
    return answer;
  },
};
const host = await createAgentHost({
  config,
  registry: kernel.registry,
  router,
  store,
  emit: (event, payload) => kernel.emit(event, payload),
  clock: systemClock,
  log,
  calls: journal.calls,
});
const key = { app: 'clay', user: 'ann', id: 's1' };
if (message === undefined) {
  const resumed = host.resume();
  const outcomes = await Promise.all(resumed.map((turn) => turn.done));
  const events = host.sessions.has(key) ? host.sessions.get(key).events : [];
  process.stdout.write(JSON.stringify({ outcomes: outcomes.map(({ status, text }) => ({ status, text })), events }));
  await host.stop(0);
  await kernel.stop();
  journal.close();
  store.close();
} else {
  host.sessions.create(key);
  const turn = host.turns.start({
    app: key.app,
    user: key.user,
    session: key.id,
    message: { role: 'user', parts: [{ text: message }] },
    streaming: true,
    caller: 'test',
  });
  // Timers of the host keep no process alive; this one waits to be killed.
  const alive = setInterval(() => undefined, 1_000);
  await turn.done;
  clearInterval(alive);
}
