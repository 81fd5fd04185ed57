import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { AnthropicRequest } from './agent/testing/anthropic-rules.ts';
import type { ScriptedMessage } from './agent/testing/anthropic-script.ts';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { startClaw } from './testing/claw.ts';
import { clay } from './testing/clay.ts';

/**
 * One conversation in which the agent rewrites itself, on real files and real processes; only the model is played.
 * `CLAY_STORY=file.md` writes it down, with the probation that a claw has by default.
 */
const transcriptFile = process.env.CLAY_STORY;
const probationMs = transcriptFile === undefined ? 4_000 : 30_000;
/** From the crash to the question whether the old one still serves. */
const laterMs = transcriptFile === undefined ? 2_000 : 60_000;

const root = mkdtempSync(join(tmpdir(), 'clay-story-'));
after(() => rmSync(root, { recursive: true, force: true }));
writeFileSync(join(root, 'clay.json'), JSON.stringify({ limits: { probationMs } }));

const provider = await startAnthropicServer();
after(() => provider.close());

const celsius = `# DESCRIPTION: Temperatures.

def run(celsius: float) -> str:
    """Converts degrees Celsius to Fahrenheit.

    Args:
      celsius: the temperature
    """
    return "%s °F" % (celsius * 9 / 5 + 32)

def test_freezing():
    if run(0.0) != "32.0 °F":
        fail("water freezes at 32 °F, not at " + run(0.0))
`;

const broken = celsius.replace('celsius * 9 / 5 + 32', 'celcius * 9 / 5 + 32').replace('Temperatures', 'Kelvin too');
const mended = celsius
  .replace('"%s °F" % (', '"%s K, %s °F" % (celsius + 273.15, ')
  .replace('"32.0 °F"', '"273.15 K, 32.0 °F"');

const ticker = `import { definePlugin } from '@clay/sdk';

export default definePlugin({
  name: 'ticker',
  setup(ctx) {
    let ticks = 0;
    ctx.tool({ name: 'ticks', description: 'How often it has ticked.', run: () => ({ version: 1, ticks }) });
    ctx.onLive(() => {
      ctx.effect('tick', () => {
        const timer = setInterval(() => {
          ticks += 1;
        }, 100);
        return () => clearInterval(timer);
      });
    });
  },
});
`;

const crashing = ticker.replace('version: 1', 'version: 2').replace(
  '    ctx.onLive(() => {\n',
  `    ctx.onLive(() => {
      setTimeout(() => {
        const feeds: string[] | undefined = undefined;
        console.log((feeds as unknown as string[]).length);
      }, 3_000);
`,
);

type Step = (request: AnthropicRequest) => ScriptedMessage;
const transcript: string[] = [];

/** Says something to the claw while the model answers by these steps; gives what the claw said. */
async function say(text: string, steps: readonly Step[]): Promise<string> {
  let next = 0;
  provider.script((request) => {
    noteResults(request);
    const step = steps[next++];
    if (step === undefined) return { text: 'Done.' };
    const answer = step(request);
    for (const { name, input } of answer.calls ?? []) transcript.push(...showCall(name, input as Shown));
    return answer;
  });
  transcript.push(`**You:** ${text}\n`);
  const { code, stdout, stderr } = await clay(root, ['chat', text]);
  assert.equal(code, 0, stderr + stdout);
  const last = provider.requests.at(-1);
  assert.ok(last !== undefined);
  transcript.push(`**Clay:** ${stdout.trim().split('\n').at(-1)}\n`);
  return stdout;
}

const seen = new Set<string>();

function noteResults({ messages }: AnthropicRequest): void {
  for (const block of blocksIn(messages)) {
    if (block.type !== 'tool_result' || seen.has(String(block.tool_use_id))) continue;
    seen.add(String(block.tool_use_id));
    transcript.push(...showResult(resultText(block)));
  }
}

interface Block {
  readonly type: string;
  readonly tool_use_id?: string;
  readonly content?: unknown;
  readonly text?: string;
}

function blocksIn(messages: AnthropicRequest['messages']): readonly Block[] {
  return messages.flatMap(({ content }) => (Array.isArray(content) ? (content as Block[]) : []));
}

function resultText({ content }: Block): string {
  return typeof content === 'string' ? content : (content as Block[]).map(({ text = '' }) => text).join('');
}

/** The result of the last call, as the model reads it. */
function lastResult({ messages }: AnthropicRequest): string {
  const results = blocksIn(messages).filter(({ type }) => type === 'tool_result');
  return resultText(results.at(-1)!);
}

/** Everything that the person's last message carried. */
function lastMessage({ messages }: AnthropicRequest): string {
  return JSON.stringify(messages.at(-1)?.content);
}

function offered({ tools = [] }: AnthropicRequest, name: string): boolean {
  return (tools as readonly { readonly name: string }[]).some((tool) => tool.name === name);
}

type Shown = Readonly<Record<string, unknown>>;

/** A call, with the file that it writes as a file. */
function showCall(name: string, input: Shown): readonly string[] {
  const { source, content, ...rest } = input;
  const file = source ?? content;
  const line = `*calls* **${name}** ${Object.keys(rest).length === 0 ? '' : `\`${JSON.stringify(rest)}\``}`.trimEnd();
  return typeof file === 'string' ? [`${line}\n`, fenced(file, source === undefined ? 'ts' : 'python')] : [`${line}\n`];
}

/** What came back; a report or a file as it is read. */
function showResult(text: string): readonly string[] {
  const { report, content, ...rest } = parseShown(text);
  const long = report ?? content;
  if (typeof long !== 'string') return [`*gives* \`${text}\`\n`];
  const line = Object.keys(rest).length === 0 ? '*gives*' : `*gives* \`${JSON.stringify(rest)}\``;
  return [`${line}\n`, fenced(long, 'text')];
}

function parseShown(text: string): Shown {
  return text.startsWith('{') ? (JSON.parse(text) as Shown) : {};
}

function fenced(text: string, language: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;
}

const call = (name: string, input: unknown): ScriptedMessage => ({ calls: [{ name, input }] });
const tell = (text: string): ScriptedMessage => ({ text });

test('the agent writes a tool, uses it at once, breaks it, reads why, mends it; then a plugin of its own crashes, and the one before serves', async () => {
  await using claw = await startClaw(
    { ANTHROPIC_API_KEY: 'a-key-of-this-test', ANTHROPIC_API_BASE: provider.url },
    root,
  );
  const token = readFileSync(join(root, 'data', 'token'), 'utf8').trim();

  await say('How warm are 21 °C in Fahrenheit? Make yourself a tool for it.', [
    (request) => {
      assert.ok(!offered(request, 'temperature'));
      return call('extension_write', { name: 'temperature', source: celsius });
    },
    (request) => {
      assert.match(lastResult(request), /"saved":\s*true/);
      assert.ok(offered(request, 'temperature'), 'the tool is there at the next step of the same turn');
      return call('temperature', { celsius: 21 });
    },
    (request) => {
      assert.match(lastResult(request), /69\.8 °F/);
      return tell('21 °C are 69.8 °F.');
    },
  ]);

  await say('Let it tell Kelvin as well.', [
    () => call('extension_write', { name: 'temperature', source: broken }),
    (request) => {
      assert.match(lastResult(request), /temperature\.star:9:\d+: error: undefined: celcius/);
      assert.match(lastResult(request), /Nothing was saved/);
      return call('temperature', { celsius: 0 });
    },
    (request) => {
      assert.match(lastResult(request), /32\.0 °F/, 'the last good one goes on serving');
      return call('extension_write', { name: 'temperature', source: mended });
    },
    () => call('temperature', { celsius: 0 }),
    (request) => {
      assert.match(lastResult(request), /273\.15 K, 32\.0 °F/);
      return tell('Mended: a name was misspelt. 0 °C are 273.15 K and 32 °F.');
    },
  ]);

  await say('Now build a plugin that counts ticks.', [
    () => call('write', { path: 'data/plugins/ticker.ts', content: ticker }),
    () => call('build_and_deploy', { name: 'ticker', reason: 'counts ticks' }),
    (request) => {
      assert.match(lastResult(request), /on probation/);
      return call('ticks', {});
    },
    (request) => {
      assert.match(lastResult(request), /"version":\s*1/);
      return tell('It ticks.');
    },
  ]);
  await untilState(claw.url, token, 1, 'committed');

  await say('Make a second version of it.', [
    (request) => {
      assert.match(
        lastMessage(request),
        /has passed its probation and is kept/,
        'the verdict reached the conversation',
      );
      return call('write', { path: 'data/plugins/ticker.ts', content: crashing });
    },
    () => call('build_and_deploy', { reason: 'a second version' }),
    () => call('ticks', {}),
    (request) => {
      assert.match(lastResult(request), /"version":\s*2/);
      return tell('Version 2 serves, on probation.');
    },
  ]);
  const news = hearNews(claw.url, token);
  const { state, at } = await untilState(claw.url, token, 2, 'quarantined');
  assert.equal(state, 'quarantined');
  const told = await news;
  transcript.push(`*(${told.trim()})*\n`);
  assert.match(
    told,
    /ticker.*Generation 2 was taken back: it crashed on probation: Cannot read .*\. Generation 1 serves again/,
  );
  await wait(Math.max(0, laterMs));

  await say('Does it still tick?', [
    (request) => {
      assert.match(lastMessage(request), /build-failures/, 'the log is offered to the agent');
      return call('ticks', {});
    },
    (request) => {
      assert.match(lastResult(request), /"version":\s*1/);
      assert.ok(Number(/"ticks":\s*(\d+)/.exec(lastResult(request))?.[1]) > 30, 'the first one never stopped');
      const [log] = readdirSync(join(root, 'data', 'build-failures')).filter((name) =>
        name.endsWith('_ticker_crash.log'),
      );
      assert.ok(log !== undefined);
      return call('read', { path: `data/build-failures/${log}` });
    },
    (request) => {
      assert.match(
        lastResult(request),
        /Where: data\/plugins\/ticker\.ts:11:\d+/,
        'the log names the line of the source',
      );
      return tell(
        'Yes: version 1 never stopped. Version 2 read the length of nothing at ticker.ts:11 and was taken back.',
      );
    },
  ]);
  assert.ok(at > 0);
  assert.deepEqual(provider.violations, []);
  if (transcriptFile !== undefined) writeFileSync(transcriptFile, transcriptText());
});

interface Status {
  readonly plugin: string;
  readonly generation: number;
  readonly state: string;
  readonly at: number;
}

async function untilState(url: string, token: string, generation: number, state: string): Promise<Status> {
  const deadline = Date.now() + probationMs + 20_000;
  for (;;) {
    const response = await fetch(`${url}/api/admin/generations?plugin=ticker`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const known = (await response.json()) as readonly Status[];
    const found = known.find((one) => one.generation === generation);
    if (found?.state === state) return found;
    assert.ok(Date.now() < deadline, `generation ${generation} is ${found?.state}, not ${state}`);
    await wait(50);
  }
}

/** The first words that the medic has for people from now on, as `clay chat` shows them. */
async function hearNews(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/api/admin/news`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  });
  let text = '';
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString();
    const line = text.split('\n').find((one) => one.startsWith('data:') && one.includes('"told"'));
    if (line === undefined) continue;
    const { plugin, text: words } = JSON.parse(line.slice(5)) as { plugin: string; text: string };
    return `${plugin}: ${words}`;
  }
  throw new Error('the stream of news ended');
}

function transcriptText(): string {
  return [
    '# A conversation in which the agent rewrites itself',
    '',
    'Recorded by `CLAY_STORY=examples/story.md npm test -- host/story.test.ts`: a real claw, real files and processes, and the',
    'probation of half a minute that every claw has; only the model is played. The same conversation is a test, which holds',
    'every answer against what is said here.',
    '',
    ...transcript,
  ].join('\n');
}
