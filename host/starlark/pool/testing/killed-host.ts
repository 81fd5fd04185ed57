// Run as a child: a host with an idle and a spinning lane that kills itself, and tells before which they are.
import { writeSync } from 'node:fs';
import { openLanes, tool } from './open-lanes.ts';

const lanes = openLanes({ limits: { scriptsPerLane: 1 } });
await lanes.open('idle', tool('idle', ''));
const spinning = await lanes.open('spinning', tool('spinning', 'for (;;) {}'));
// Never answered: this process is gone by then.
spinning.call('tool:spinning', {}, { onAck: die }).catch(() => {});

function die(): void {
  const [idle, spins] = lanes.lanes.list().map(({ pid }) => pid);
  writeSync(1, JSON.stringify({ children: lanes.children, idle, spins }));
  process.kill(process.pid, 'SIGKILL');
}
