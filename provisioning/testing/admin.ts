// `clay admin` as a process of its own, for tests of what calls it.
import { runAdmin } from '../index.ts';

const { argv, env, stdin, stdout, stderr } = process;
process.exitCode = await runAdmin({ argv: argv.slice(2), env, input: stdin, output: stdout, error: stderr });
