import { runCli } from './run-cli.ts';
import { createTerminal } from './terminal/terminal.ts';

const { env, argv, stdin, stdout, stderr } = process;

// Whoever reads our output may stop reading ("clay sessions | head"): that is no failure of ours.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli({ argv: argv.slice(2), env, terminal: createTerminal({ stdin, stdout, stderr }) });
