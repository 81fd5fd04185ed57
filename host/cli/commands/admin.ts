import type { Command, CommandContext } from '../command.ts';

/** The one command that is about many claws, from outside of them: all of it is the provisioning package's. */
export const admin: Command = {
  usage: 'COMMAND [OPTIONS]',
  help: '',
  options: {},
  maxArgs: 0,
  readsOwnArguments: true,
  async run({ env, terminal, args }: CommandContext): Promise<number> {
    const { runAdmin } = await import('@clay/provisioning');
    const { input, output, error } = terminal;
    return runAdmin({ argv: args, env, input, output, error });
  },
};
