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
if (process.argv[3] === 'append') appendForEver();
process.stdin.resume().on('end', () => store.close());

/** Appends numbered events and tells each number when it is stored. */
function appendForEver(): void {
  const key = { app: 'clay', user: 'ann', session: 's1' };
  store.sessions.create(key);
  let n = 0;
  const appendOne = () => {
    n += 1;
    store.sessions.append(key, {
      id: String(n),
      invocationId: 't',
      author: 'user',
      timestamp: n,
      text: 'x'.repeat(300),
    });
    process.stdout.write(`${n}\n`, () => setImmediate(appendOne));
  };
  appendOne();
}
