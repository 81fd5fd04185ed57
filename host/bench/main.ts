import { setTimeout as wait } from 'node:timers/promises';
import { measureAppend } from '../store/bench/append.ts';
import { memoryOf, type Server, startClaw } from '../testing/claw.ts';
import { post, throughput, timeEach } from '../testing/http.ts';
import { createBareRunner } from './bare-runner.ts';
import { chatRows } from './chats.ts';
import { deliveryRows } from './delivery/rows.ts';
import { extensionRows } from './extensions.ts';
import { generationRows } from './generations/rows.ts';
import { installAdkPeer, startAdkPeer } from './peers/adk.ts';
import { printTable, type Row } from './row.ts';
import { median } from './statistics.ts';
import { streamRows } from './streams.ts';

/** The host beside ADK's own server with the same agent and the same instant model, in one run, interleaved. */
const rounds = 7;
const turns = 300;

/** What is measured, by the name that `npm run bench host -- NAME…` takes. */
const groups: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  claw: async () => {
    installAdkPeer();
    return [...(await startRows()), await idleRow(), ...(await turnRows()), appendRow(), await longSessionRow()];
  },
  chats: chatRows,
  delivery: deliveryRows,
  extensions: extensionRows,
  generations: () => generationRows(false),
  streams: streamRows,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(groups, name));
if (unknown.length > 0)
  throw new Error(`There is no ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}.`);
for (const [name, rows] of Object.entries(groups)) {
  if (wanted.length === 0 || wanted.includes(name)) printTable(await rows());
}

async function startRows(): Promise<Row[]> {
  const ours: number[] = [];
  const peers: number[] = [];
  await (await startClaw()).stop();
  for (let round = 0; round < rounds; round++) {
    ours.push(await startOnce(startClaw()));
    peers.push(await startOnce(startAdkPeer('memory')));
  }
  const [our, peer] = [median(ours), median(peers)];
  return [
    { what: 'start to /readyz', target: '≤ 900 ms', measured: `${our.toFixed(0)} ms`, isMet: our <= 900 },
    {
      what: 'start, of the time of AdkApiServer',
      target: '≤ 0.6 ×',
      measured: `${(our / peer).toFixed(2)} ×  (${peer.toFixed(0)} ms)`,
      isMet: our / peer <= 0.6,
    },
  ];
}

async function startOnce(starting: Promise<Server>): Promise<number> {
  const server = await starting;
  await server.stop();
  return server.readyMs;
}

async function idleRow(): Promise<Row> {
  const claw = await startClaw();
  await wait(5000);
  const { rss, pss } = memoryOf(claw.pid);
  await claw.stop();
  return {
    what: 'idle memory, RSS',
    target: '≤ 110 MB',
    measured: `${rss.toFixed(0)} MB  (PSS ${pss.toFixed(0)})`,
    isMet: rss <= 110,
  };
}

async function turnRows(): Promise<Row[]> {
  const claw = await startClaw();
  const peer = await startAdkPeer('sqlite://:memory:');
  const bare = await createBareRunner();
  const tool = '/tool tasks action=list';
  await openSession(claw, 'warm');
  await timeEach(50, () => bare('use the tool'));
  await timeEach(50, () => runSse(claw, 'warm', tool));
  const alone: number[] = [];
  const served: number[] = [];
  for (let index = 0; index < turns; index++) {
    const session = `added-${index}`;
    await openSession(claw, session);
    alone.push(...(await timeEach(1, () => bare('use the tool'))));
    served.push(...(await timeEach(1, () => runSse(claw, session, tool))));
  }
  const added = median(served) - median(alone);
  const ours = await turnsPerSecond(claw, 'hello', turns * 4);
  const peers = await turnsPerSecond(peer, 'hello', turns);
  await claw.stop();
  await peer.stop();
  return [
    {
      what: '/run_sse with one tool call, beyond the Runner alone',
      target: '≤ 2 ms',
      measured: `${added.toFixed(2)} ms  (${median(served).toFixed(2)} − ${median(alone).toFixed(2)})`,
      isMet: added <= 2,
    },
    {
      what: 'turns per second, 16 clients, against AdkApiServer with SQLite',
      target: '≥ 3 ×',
      measured: `${(ours / peers).toFixed(1)} ×  (${ours.toFixed(0)} against ${peers.toFixed(0)})`,
      isMet: ours / peers >= 3,
    },
  ];
}

function appendRow(): Row {
  const { ratio, shortUs, longUs } = measureAppend();
  return {
    what: 'append to a session of 10,000 events, of one of 10',
    target: '≤ 1.3 ×',
    measured: `${ratio.toFixed(2)} ×  (${longUs.toFixed(0)} against ${shortUs.toFixed(0)} µs)`,
    isMet: ratio <= 1.3,
  };
}

/** With the offline model, which takes no time of its own worth telling. */
async function longSessionRow(): Promise<Row> {
  await using claw = await startClaw();
  const events = Array.from({ length: 10_000 }, (_, index) => ({
    id: `e${index}`,
    invocationId: `t${index >> 1}`,
    author: index % 2 ? 'clay' : 'user',
    timestamp: index,
    content: { role: index % 2 ? 'model' : 'user', parts: [{ text: `message ${index}` }] },
  }));
  await post(`${claw.url}/apps/clay/users/bench/sessions/long`, { events });
  await timeEach(5, () => runSse(claw, 'long', 'hello'));
  const ms = median(await timeEach(100, () => runSse(claw, 'long', 'hello')));
  return {
    what: 'a turn in a session of 10,000 events',
    target: '≤ 20 ms',
    measured: `${ms.toFixed(1)} ms`,
    isMet: ms <= 20,
  };
}

async function turnsPerSecond(server: Server, text: string, count: number): Promise<number> {
  const clients = 16;
  for (let client = 0; client < clients; client++) await openSession(server, `client-${client}`);
  await throughput(clients, clients * 2, (client) => runSse(server, `client-${client}`, text));
  return throughput(clients, count, (client) => runSse(server, `client-${client}`, text));
}

function openSession(server: Server, id: string): Promise<string> {
  return post(`${server.url}/apps/clay/users/bench/sessions/${id}`, {});
}

function runSse(server: Server, sessionId: string, text: string): Promise<string> {
  const newMessage = { role: 'user', parts: [{ text }] };
  return post(`${server.url}/run_sse`, { appName: 'clay', userId: 'bench', sessionId, newMessage });
}
