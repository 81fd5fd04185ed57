export interface CommandLine {
  readonly tools: readonly string[];
  readonly allow: readonly string[];
  /** Absolute; the first is the working folder. */
  readonly folders: readonly string[];
  readonly maxTurns: number;
  readonly maxCostUsd: number | undefined;
  readonly session: { readonly id: string; readonly isNew: boolean };
  readonly systemPrompt: string;
}

/** The arguments of one run. The task is not among them: it comes by standard input, where no list of processes shows it. */
export function commandLine(options: CommandLine): readonly string[] {
  const { tools, allow, folders, maxTurns, maxCostUsd, session, systemPrompt } = options;
  const [, ...further] = folders;
  // A path rule begins with two slashes where it is absolute.
  const inFolders = folders.flatMap((folder) => [`Read(/${folder}/**)`, `Edit(/${folder}/**)`]);
  return [
    '-p',
    '--bare',
    ...['--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
    ...['--tools', tools.join(',')],
    ...['--allowedTools', ...allow, ...inFolders],
    ...(further.length > 0 ? ['--add-dir', ...further] : []),
    // What is not allowed is denied and told to the model, which goes on: there is nobody to ask.
    ...['--permission-mode', 'dontAsk'],
    ...['--max-turns', String(maxTurns)],
    ...(maxCostUsd === undefined ? [] : ['--max-budget-usd', String(maxCostUsd)]),
    ...[session.isNew ? '--session-id' : '--resume', session.id],
    '--disable-slash-commands',
    ...['--append-system-prompt', systemPrompt],
  ];
}

/** A task is never a command of the program's own, such as /clear. */
export function promptOf(task: string): string {
  return task.trimStart().startsWith('/') ? `Task: ${task.trimStart()}` : task;
}
