// Watches the folder that it is given, changes it, and prints what it is told; run where the system has no inotify.
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../clock.ts';
import { createWatcher } from '../watcher.ts';

const folder = process.argv[2] ?? '';
const file = join(folder, 'a.star');
const awake = setInterval(() => {}, 1_000);
const errors: string[] = [];
const watcher = createWatcher({
  folder,
  clock: systemClock,
  onSaved({ source }) {
    console.log(`saved ${source}`);
    if (source === 'first') writeFileSync(file, 'second');
    else unlinkSync(file);
  },
  onRemoved() {
    console.log('removed');
    console.log(errors.join('\n'));
    clearInterval(awake);
    void watcher.close();
  },
  onRefused: (name, problem) => console.log(`refused ${name} ${problem}`),
  onError: (problem) => errors.push(problem),
});
await watcher.scan();
writeFileSync(file, 'first');
