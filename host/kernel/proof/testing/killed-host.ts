// Run as a child: a claw on the volume `root` that kills itself at `point`, while it deploys, undoes and takes back.
import type { GenerationJournal, Journal } from '../../../journal/journal.ts';
import { ledgerSource } from './ledger.ts';
import { startProofClaw } from './proof-claw.ts';

const [root = '', point = ''] = process.argv.slice(2);
let isArmed = false;

function passed(name: string): void {
  if (isArmed && name === point) process.kill(process.pid, 'SIGKILL');
}

/** Names the rows that are written by the state to which the newest generation goes. */
function watched(opened: Journal): Journal {
  const { generations } = opened;
  const decided: GenerationJournal['decided'] = (moves, histories) => {
    for (const { state } of moves) passed(`before ${state}`);
    generations.decided(moves, histories);
    for (const { state } of moves) passed(`after ${state}`);
  };
  const rest = new Proxy(generations, {
    get(target, name) {
      if (name === 'decided') return decided;
      const member = Reflect.get(target, name) as unknown;
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { ...opened, generations: rest };
}

await using claw = await startProofClaw({
  root,
  journal: watched,
  onLog: passed,
  builder: (made) => ({
    build: async (...args) => {
      passed('before the build');
      const built = await made.build(...args);
      passed('after the build');
      return built;
    },
    check: (...args) => made.check(...args),
    close: () => made.close(),
  }),
});
await claw.kernel.settled();
await claw.reached('ledger', 1, 'committed');
isArmed = true;
const [fault, args] = [`process.exit(1);`, { beforeMs: 1, afterMs: 1 }];
// Somebody pays all the while; who is not answered does not try again.
let n = 1_000;
const paying = setInterval(() => {
  n += 1;
  claw.call('pay', { n, ...args }, { id: `pay-${n}` }).catch(() => 'the row of the call tells');
}, 10);
await claw.deploy('ledger', ledgerSource(2));
await claw.reached('ledger', 2, 'committed');
await claw.reached('ledger', 1, 'stopped');
const broken = await claw.deploy('ledger', ledgerSource(3, fault));
await claw.reached('ledger', broken.generation, 'quarantined');
const last = await claw.deploy('ledger', ledgerSource(4));
await claw.medic.rollback('ledger');
await claw.reached('ledger', last.generation, 'stopped');
clearInterval(paying);
