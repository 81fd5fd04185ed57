import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Stands in for the Claude Code CLI 2.1: the events and their fields are those that it writes. The task names what to play;
 * what it was started with is written to `seen.jsonl` in its settings folder.
 */
const settings = process.env.CLAUDE_CONFIG_DIR ?? '.';
const args = process.argv.slice(2);
const task = readFileSync(0, 'utf8').trim();
const option = (name: string) => (args.includes(name) ? (args[args.indexOf(name) + 1] ?? '') : null);
const resumed = option('--resume');
const session = resumed ?? option('--session-id') ?? '';
appendFileSync(
  join(settings, 'seen.jsonl'),
  `${JSON.stringify({ args, task, cwd: process.cwd(), environment: { ...process.env } })}\n`,
);

const print = (event: object) => process.stdout.write(`${JSON.stringify({ ...event, session_id: session })}\n`);
let lastId = 0;
const usage = { input_tokens: 25, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 400 };

interface Block {
  readonly type: string;
  readonly [field: string]: unknown;
}

function init(): void {
  print({ type: 'system', subtype: 'init', cwd: process.cwd(), tools: ['Bash', 'Edit', 'Read'], model: 'glm-5' });
}

/** One answer of the model, as the real program repeats it: pieces first, then each block whole. */
function answer(blocks: readonly Block[], { isStreamed = true, output = 15 } = {}): void {
  const id = `msg_${++lastId}`;
  const stream = (event: object) =>
    print({ type: 'stream_event', event, parent_tool_use_id: null, api_message_id: id });
  print({ type: 'system', subtype: 'status', status: 'requesting' });
  if (isStreamed) stream({ type: 'message_start', message: { id, role: 'assistant', content: [], usage } });
  for (const [index, block] of blocks.entries()) {
    if (isStreamed && typeof block.text === 'string') {
      const middle = Math.ceil(block.text.length / 2);
      for (const text of [block.text.slice(0, middle), block.text.slice(middle)]) {
        stream({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } });
      }
    }
    print({ type: 'assistant', message: { id, role: 'assistant', content: [block], usage }, parent_tool_use_id: null });
  }
  if (isStreamed) {
    stream({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } });
    stream({ type: 'message_stop' });
  }
}

const text = (words: string): Block => ({ type: 'text', text: words });
const bash = (id: string, command: string): Block => ({ type: 'tool_use', id, name: 'Bash', input: { command } });

function toolResult(id: string, content: unknown, isError = false): void {
  const block = { tool_use_id: id, type: 'tool_result', content, is_error: isError };
  print({ type: 'user', message: { role: 'user', content: [block] }, parent_tool_use_id: null });
}

function result(fields: object): void {
  print({
    type: 'result',
    subtype: 'success',
    is_error: false,
    num_turns: 1,
    total_cost_usd: 0.0015,
    usage,
    permission_denials: [],
    terminal_reason: 'completed',
    ...fields,
  });
}

/** Ends with this code when all is written. */
function exit(code: number): void {
  process.exitCode = code;
}

const plays: Readonly<Record<string, () => void | Promise<void>>> = {
  steps() {
    answer([text('I will look.'), bash('toolu_1', 'echo hi > out.txt'), bash('toolu_2', 'false')]);
    toolResult('toolu_1', 'hi');
    toolResult('toolu_2', [{ type: 'text', text: 'Exit code 1' }, { type: 'image' }], true);
    answer([text('All done.')]);
    result({ result: 'All done.', num_turns: 3 });
  },
  user() {
    writeFileSync('mine.txt', 'made by it');
    result({ result: `I am ${process.getuid?.()}.` });
  },
  /** What a plugin in a process may not do is no matter of the programs that it runs. */
  'node-options'() {
    result({ result: process.env.NODE_OPTIONS === undefined ? 'No flags.' : `Flags: ${process.env.NODE_OPTIONS}` });
  },
  /** Asks the claw's model, as the real program does. */
  async ask() {
    const { ANTHROPIC_BASE_URL: address, ANTHROPIC_AUTH_TOKEN: token, ANTHROPIC_MODEL: model } = process.env;
    const response = await fetch(`${address}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model,
        max_tokens: 100,
        stream: true,
        messages: [{ role: 'user', content: 'From within' }],
      }),
    });
    const words = [...(await response.text()).matchAll(/"text_delta","text":"([^"]*)"/g)].map(([, piece]) => piece);
    answer([text(words.join(''))]);
    result({ result: words.join('') });
  },
  'whole-only'() {
    answer([text('Said at once.')], { isStreamed: false });
    result({ result: 'Said at once.' });
  },
  denied() {
    answer([bash('toolu_1', 'rm -rf out.txt')]);
    toolResult('toolu_1', 'Permission to use Bash has been denied', true);
    answer([text('I could not remove it.')]);
    const denial = { tool_name: 'Bash', tool_use_id: 'toolu_1', tool_input: { command: 'rm -rf out.txt' } };
    result({ result: 'I could not remove it.', num_turns: 2, permission_denials: [denial, denial] });
  },
  retries() {
    for (const attempt of [1, 2]) {
      const retry = { attempt, max_retries: 4, retry_delay_ms: 600, error_status: 529, error: 'overloaded' };
      print({ type: 'system', subtype: 'api_retry', ...retry });
    }
    answer([text('There it is.')]);
    result({ result: 'There it is.' });
  },
  'max-turns'() {
    answer([text('First half.'), bash('toolu_1', 'make')]);
    toolResult('toolu_1', 'made');
    const errors = ['Reached maximum number of turns (1)'];
    result({ subtype: 'error_max_turns', is_error: true, terminal_reason: 'max_turns', errors, num_turns: 2 });
    exit(1);
  },
  budget() {
    result({ subtype: 'error_max_budget_usd', is_error: true, errors: ['Reached maximum budget ($0.5)'] });
    exit(1);
  },
  'api-error'() {
    const words = 'API Error: 529 busy. This is a server-side issue, usually temporary.';
    answer([text(words)], { isStreamed: false });
    result({ is_error: true, terminal_reason: 'api_error', result: words, api_error_status: 529 });
    exit(1);
  },
  odd() {
    result({ subtype: 'error_during_execution', is_error: true, errors: ['the disk is full'], num_turns: 4 });
    exit(1);
  },
  crash() {
    answer([text('Half of'), bash('toolu_1', 'make')]);
    process.stderr.write('panic: out of cheese\n');
    exit(7);
  },
  killed() {
    answer([text('Half.')]);
    process.stdout.write('', () => process.kill(process.pid, 'SIGKILL'));
    return new Promise(() => setInterval(() => {}, 1000));
  },
  garbage() {
    process.stdout.write('Warning: not JSON\n{"type":\n[1]\n"text"\n{"no":"type"}\n\n{"type":"news","x":1}\n');
    answer([text('Fine.')]);
    process.stdout.write('{"type":"assistant","message":null}\n{"type":"user"}\n{"type":"stream_event","event":7}\n');
    result({ result: 'Fine.' });
    process.stdout.write('{"cut');
  },
  large() {
    const content = 'ü'.repeat(1_000_000);
    answer([{ type: 'tool_use', id: 'toolu_1', name: 'Edit', input: { file_path: 'a.txt', new_string: content } }]);
    toolResult('toolu_1', content);
    answer([text('Written.')]);
    result({ result: 'Written.' });
  },
  'many-tokens'() {
    for (let turn = 0; turn < 3; turn++) answer([text(`Part ${turn}. `)], { output: 600 });
    return new Promise(() => setInterval(() => {}, 1000));
  },
  hang() {
    answer([text('Let me think.'), bash('toolu_1', 'sleep 1000')]);
    return new Promise(() => setInterval(() => {}, 1000));
  },
  lingers() {
    result({ result: 'Done, but I stay.' });
    return new Promise(() => setInterval(() => {}, 1000));
  },
  /** Does not end when it is asked to, and has started what left its group. */
  stubborn() {
    process.on('SIGTERM', () => {});
    const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    writeFileSync(join(settings, 'pids'), `${process.pid} ${child.pid}`);
    answer([text('Never.')]);
    return new Promise(() => setInterval(() => {}, 1000));
  },
  /** Ends by itself, and leaves a server behind that holds its output. */
  server() {
    const child = spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' });
    child.unref();
    writeFileSync(join(settings, 'pids'), String(child.pid));
    answer([text('It serves.')]);
    result({ result: 'It serves.' });
  },
};

function start(): void {
  const file = join(settings, 'sessions', session);
  mkdirSync(join(settings, 'sessions'), { recursive: true });
  if (resumed !== null && !existsSync(file)) {
    const errors = [`No conversation found with session ID: ${session}`];
    process.stderr.write(`${errors[0]}\n`);
    result({ subtype: 'error_during_execution', is_error: true, num_turns: 0, errors, terminal_reason: undefined });
    exit(1);
    return;
  }
  if (resumed === null && existsSync(file)) {
    process.stderr.write(`Error: Session ID ${session} is already in use.\n`);
    exit(1);
    return;
  }
  appendFileSync(file, `${task}\n`);
  init();
  const play = plays[task];
  if (play === undefined) {
    const before = readFileSync(file, 'utf8').trim().split('\n').slice(0, -1).join(', ');
    answer([text(`You said: ${task}. Before: ${before}.`)]);
    result({ result: `You said: ${task}. Before: ${before}.` });
    return;
  }
  void play();
}

start();
