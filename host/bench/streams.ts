import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Row } from './row.ts';
import { median, quantile } from './statistics.ts';

const openStreams = 500;
const ticks = 300;

interface Stream {
  readonly user: string;
  readonly request: ClientRequest;
  /** What the next event took from the agent to here, in milliseconds. */
  next(): Promise<number>;
}

/** What the gateway adds to an event of a turn, alone and among many open streams. */
export async function streamRows(): Promise<readonly Row[]> {
  const server = spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, 'stream-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const read = async () => String((await lines.next()).value);
  const say = (line: string) => server.stdin.write(`${line}\n`);
  const memory = async () => {
    say('memory');
    return Number(await read());
  };
  try {
    const url = await read();
    const alone = await openStream(url, 'alone');
    await timeTicks(say, alone);
    const single = await timeTicks(say, alone);
    const before = await memory();
    const streams = await Promise.all(
      Array.from({ length: openStreams }, (_, index) => openStream(url, `user-${index}`)),
    );
    const after = await memory();
    const among = await timeTicks(say, alone);
    for (const stream of [alone, ...streams]) stream.request.destroy();
    return [
      latencyRow('an event of a turn, agent → client', single),
      latencyRow(`the same beside ${openStreams} open streams`, among),
      {
        what: `memory of ${openStreams} open streams`,
        target: 'told',
        measured: `${(after - before).toFixed(1)} MB  (${(((after - before) * 1024) / openStreams).toFixed(0)} KB each)`,
        isMet: true,
      },
    ];
  } finally {
    server.stdin.end();
    await once(server, 'exit');
  }
}

function latencyRow(what: string, times: readonly number[]): Row {
  const middle = median(times);
  const measured = `${middle.toFixed(2)} ms  (p95 ${quantile(times, 0.95).toFixed(2)})`;
  return { what, target: '≤ 1 ms median', measured, isMet: middle <= 1 };
}

async function timeTicks(say: (line: string) => void, stream: Stream): Promise<readonly number[]> {
  const times: number[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    const next = stream.next();
    say(`tick ${stream.user}`);
    times.push(await next);
  }
  return times;
}

async function openStream(url: string, user: string): Promise<Stream> {
  const headers = { 'content-type': 'application/json' };
  const asked = request(`${url}/msg/stream`, { method: 'POST', headers, agent: false });
  asked.end(JSON.stringify({ text: 'hello', user_id: user }));
  asked.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') throw error;
  });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.setEncoding('utf8');
  let waiting: ((ms: number) => void) | null = null;
  answer.on('data', (text: string) => {
    const at = /"text":"([\d.]+)"/.exec(text)?.[1];
    if (at !== undefined) waiting?.(performance.timeOrigin + performance.now() - Number(at));
  });
  return {
    user,
    request: asked,
    next: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
  };
}
