import { systemClock } from '../../clock.ts';
import { openStore } from '../open-store.ts';

// A host as another process sees it: opens the store of the folder given, says so, and holds it until its input ends.
const folder = process.argv[2] ?? '';
const store = openStore({
  database: `${folder}/messages.db`,
  data: folder,
  backups: `${folder}/backups`,
  keepBackups: 3,
  clock: systemClock,
});
process.stdout.write(`${JSON.stringify({ ready: process.pid, notices: store.notices })}\n`);
process.stdin.resume().on('end', () => store.close());
