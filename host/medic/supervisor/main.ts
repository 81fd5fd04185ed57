// The medic: `main.ts PROGRAM ARGUMENTS…` runs a host and keeps it alive. Everything here comes with Node itself.
import { systemClock } from '../../clock.ts';
import { hostLimits } from './host-process.ts';
import { watchParent } from './parent.ts';
import { hostRules } from './restart.ts';
import { Supervisor } from './supervisor.ts';

const command = process.argv.slice(2);
if (command.length === 0) throw new Error('usage: medic PROGRAM ARGUMENTS…');

// A pipe whose reader is gone, a terminal that was closed: a claw goes on without an audience.
process.stderr.on('error', () => {});

const say = (line: string) => process.stderr.write(`clay medic: ${line}\n`);

// Node waits for the processes that it has started, and for no others.
if (process.pid === 1)
  say(
    'It is process 1, and cannot clear away what other processes leave behind. Start it under tini ("docker run --init").',
  );

const supervisor = new Supervisor({
  command,
  env: process.env,
  clock: systemClock,
  random: Math.random,
  limits: hostLimits,
  rules: hostRules,
  onOutput: (bytes) => process.stderr.write(bytes),
  say,
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => supervisor.request(signal));
// npm starts us by a shell, which dies of the signal that npm passes on, and passes on nothing.
if (process.env.npm_lifecycle_event !== undefined)
  watchParent({
    clock: systemClock,
    parent: () => process.ppid,
    // Also the shell may have had the same signal as we: a second request would cut the stop short.
    onGone: () => supervisor.isStopping || supervisor.request('SIGTERM'),
  });
process.exitCode = await supervisor.run();
