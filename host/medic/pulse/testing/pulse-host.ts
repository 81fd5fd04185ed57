// A host that has only a pulse: `pulse-host.ts BEHAVIOUR DATA_FOLDER`. Tells how the one before it ended, then lives.
import { systemClock } from '../../../clock.ts';
import { createLog } from '../../../log.ts';
import { connectPulse } from '../connect-pulse.ts';
import { takePulseAddress } from '../pulse-address.ts';

const [behaviour = '', folder = ''] = process.argv.slice(2);
const address = takePulseAddress(process.env);
const log = createLog({
  level: 'debug',
  format: 'json',
  write: (line) => process.stderr.write(`${line}\n`),
  clock: systemClock,
});
const pulse = connectPulse({ clock: systemClock, log, address });
// Alive until it is told otherwise.
const life = setInterval(() => {}, 1_000);
process.on('SIGTERM', () => {
  pulse.stopping();
  if (behaviour !== 'hangs') clearInterval(life);
});
pulse.orphaned.then(() => clearInterval(life));
pulse.onService((news) => process.stdout.write(`service ${news.id} ${news.state}\n`));
const last = pulse.begin(folder, 2_000);
pulse.ready();
process.stdout.write(`host ${process.pid} ${JSON.stringify({ ...last, isSupervised: pulse.isSupervised })}\n`);
if (behaviour === 'throws') throw new Error('out of luck');
if (behaviour === 'ends') clearInterval(life);
if (behaviour === 'serves') pulse.startService({ id: 'a/b', command: ['true'], environment: {}, folder: '/' });
