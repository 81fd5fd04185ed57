import { allClaws } from '../claw/all-claws.ts';
import type { AdminCommand } from '../command.ts';

export const list: AdminCommand = {
  usage: '[--json]',
  summary: 'list the claws of this host',
  help: `
Name, state, tenant and image of every claw. A claw is healthy, starting, unhealthy or stopped; "missing" has settings here and
no container, "kept" was taken down with its data kept.

  --json  the same for programs, one object a line
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 0,
  async run({ docker, operator, options, print }) {
    const claws = await allClaws(docker, operator.root);
    for (const { name, state, tenant, image } of claws) {
      const row = { name, state, tenant, image };
      print(
        options.json === true
          ? JSON.stringify(row)
          : [name.padEnd(20), state.padEnd(9), tenant, image].join('  ').trimEnd(),
      );
    }
    if (claws.length === 0 && options.json !== true) print('There are no claws.');
    return 0;
  },
};
