// The medic with other limits: `quick-medic.ts '{"limits":…,"rules":…}' PROGRAM ARGUMENTS…`.
import { systemClock } from '../../../clock.ts';
import { hostLimits } from '../host-process.ts';
import { hostRules } from '../restart.ts';
import { Supervisor } from '../supervisor.ts';

const [json = '{}', ...command] = process.argv.slice(2);
const { limits, rules } = JSON.parse(json);
const supervisor = new Supervisor({
  command,
  env: process.env,
  clock: systemClock,
  random: () => 0.5,
  limits: { ...hostLimits, ...limits },
  rules: { ...hostRules, ...rules },
  onOutput: (bytes) => process.stderr.write(bytes),
  say: (line) => process.stderr.write(`clay medic: ${line}\n`),
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => supervisor.request(signal));
process.exitCode = await supervisor.run();
