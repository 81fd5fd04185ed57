import type { Command } from '../command.ts';

export const start: Command = {
  usage: '',
  help: `
Starts the claw on CLAY_ROOT and stays until it is told to stop: SIGTERM or Ctrl-C lets open turns end first.
Every setting is an environment variable or stands in clay.json; "clay config" shows them.
`,
  options: {},
  maxArgs: 0,
  async run({ env, args }) {
    const { main } = await import('../../main.ts');
    return main({ env, argv: args });
  },
};
