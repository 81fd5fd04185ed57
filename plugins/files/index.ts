import { stat } from 'node:fs/promises';
import { ClayError, definePlugin, type JsonObject } from '@clay/sdk';
import { z } from 'zod';
import { Files } from './files.ts';
import { filesConfig, rootsOf } from './files-config.ts';
import { readOutgoing } from './outgoing-file.ts';
import { PathGuard } from './path-guard.ts';
import { runCommand } from './run-command.ts';

const path = z.string().describe('Absolute, or relative to the working folder.');

const readParameters = z.strictObject({
  path,
  offset: z.int().min(1).optional().describe('First line, from 1.'),
  limit: z.int().min(1).optional().describe('Lines at most.'),
});
const writeParameters = z.strictObject({ path, content: z.string() });
const editParameters = z.strictObject({
  path,
  old_text: z.string().describe('What stands there now, exactly, with enough around it to be found only once.'),
  new_text: z.string().describe('What shall stand there.'),
  all: z.boolean().optional().describe('Replace every match.'),
});
const sendParameters = z.strictObject({
  path,
  caption: z.string().max(1024).optional().describe('A few words under the file, as plain text.'),
});
const bashParameters = z.strictObject({
  command: z.string(),
  timeout_ms: z.int().min(1).optional().describe('How long it may take.'),
});
const searchParameters = z.strictObject({
  pattern: z
    .string()
    .optional()
    .describe('A glob such as *.ts for names, or src/**/*.ts for paths. Default: every file.'),
  content: z.string().optional().describe('A plain text that a line of the file holds.'),
  path: z.string().optional().describe('The folder to search. Default: the working folder.'),
  ignore_case: z.boolean().optional(),
  limit: z.int().min(1).optional().describe('Matches at most.'),
});

export default definePlugin({
  name: 'files',
  optional: ['service:chat.send'],
  config: filesConfig,
  setup(ctx) {
    const { config } = ctx;
    const guard = new PathGuard(rootsOf(config), ctx.paths);
    const files = new Files(guard, config);

    ctx.tool({
      name: 'read',
      foreign: 'file',
      readOnly: true,
      description:
        'Reads a text file, or lists a folder ("[d]" folders, "[f]" files). A long file comes in parts: go on with next_offset.',
      parameters: readParameters,
      idempotent: true,
      run: (args) => files.read(args.path, args.offset, args.limit),
    });
    ctx.tool({
      name: 'write',
      effect: 'write',
      description: 'Writes a whole file, and makes its folders. To change a part of a file use edit.',
      parameters: writeParameters,
      parallel: false,
      idempotent: true,
      run: (args) => files.write(args.path, args.content),
    });
    ctx.tool({
      name: 'edit',
      effect: 'write',
      description: 'Replaces a text in a file. It has to stand there exactly once, unless "all" is set.',
      parameters: editParameters,
      parallel: false,
      run: (args) => files.edit(args.path, { oldText: args.old_text, newText: args.new_text, all: args.all ?? false }),
    });
    ctx.tool({
      name: 'search',
      foreign: 'file',
      readOnly: true,
      description:
        'Finds files by a glob, lines by a plain text, or both. Leaves out what .gitignore names, .git and node_modules.',
      parameters: searchParameters,
      idempotent: true,
      run: (args, call) => files.search(args, call.signal),
    });
    ctx.tool({
      name: 'send_file',
      effect: 'post',
      description:
        'Sends a file, such as a picture, a document or a recording, to the person in the chat. It arrives after a moment, behind what was said before.',
      parameters: sendParameters,
      idempotent: true,
      run: async (args, call) => {
        const file = await readOutgoing(files, args.path, args.caption);
        const sent = await ctx.call('service:chat.send', { files: [{ ...file }] }, { key: call.key });
        return { message: `${file.name} is on its way.`, ...(sent as JsonObject) };
      },
    });
    ctx.tool({
      name: 'bash',
      foreign: 'tool',
      effect: 'shell',
      description:
        'Runs a command in bash, in the working folder. Gives the output and the exit code. Processes that it leaves in the background end with it.',
      parameters: bashParameters,
      // The command's own limit comes first, so that its output is not lost.
      timeoutMs: config.maxTimeoutMs + 10_000,
      run: async (args, call) => {
        if (config.shell === 'off')
          throw new ClayError(
            'REFUSED',
            'The operator has turned the shell off (CLAY_SHELL=off). Use read, write, edit and search.',
          );
        // Where it is "ask", the host has asked a person before the call came here.
        const { outputChars, environment } = config;
        const timeoutMs = Math.min(args.timeout_ms ?? config.timeoutMs, config.maxTimeoutMs);
        const cwd = await workingFolder(guard);
        return await runCommand(args.command, {
          cwd,
          timeoutMs,
          outputChars,
          environment,
          signal: call.signal,
          clock: ctx.clock,
        });
      },
    });
    ctx.probe({ name: 'working-folder', run: () => guard.resolve('.') });
  },
});

async function workingFolder(guard: PathGuard): Promise<string> {
  const folder = await guard.resolve('.');
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() !== true) {
    throw new ClayError(
      'CONFLICT',
      `The working folder ${folder} does not exist. Make it, or change "roots" of the files plugin in clay.json.`,
    );
  }
  return folder;
}
