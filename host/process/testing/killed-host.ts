// Run as a child: a host with an idle and a spinning plugin that kills itself, and tells before where it has left them.
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlugin } from './build-plugin.ts';
import { faultSource } from './faults.ts';
import { createGeneration, openVolume } from './start-generation.ts';

const [folder = ''] = process.argv.slice(2);
const volume = openVolume();

async function start(name: string, run: string) {
  const source = join(folder, name, 'index.ts');
  mkdirSync(join(folder, name));
  writeFileSync(source, faultSource({ run }).replace("'faulty'", `'${name}'`));
  const plugin = await buildPlugin(source, join(volume.root, 'data', 'generations', name));
  const started = createGeneration(volume, { manifest: { name }, plugin });
  await started.stage();
  await started.live();
  return started;
}

const idle = await start('idle', '');
const spinning = await start('spinning', 'for (;;) {}');
// Never answered: this process is gone by then.
const call = spinning.call('tool:run', {}, { onAck: kill });
call.catch(() => {});

function kill(): void {
  const told = { root: volume.root, idle: idle.transport?.pids[0], spinning: spinning.transport?.pids[0] };
  writeSync(1, JSON.stringify(told));
  process.kill(process.pid, 'SIGKILL');
}
