import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Row } from '../row.ts';
import { median, quantile } from '../statistics.ts';
import { type DeliveryHost, type Passage, startDeliveryHost } from './delivery-host.ts';
import { DiskFloor } from './disk-floor.ts';

const measured = 300;
const warmUp = 50;
const atOnce = 50;
const many = 10_000;

/** A message's way through the host, beside what the disk alone takes. */
export async function deliveryRows(): Promise<Row[]> {
  const host = await startDeliveryHost();
  try {
    return [...(await stepRows(host)), await crowdRow(host), await memoryRow(host)];
  } finally {
    await host.close();
  }
}

/** Every message from a chat of its own, so that nothing is paced. */
async function stepRows(host: DeliveryHost): Promise<Row[]> {
  const passages: Passage[] = [];
  const flushes: number[] = [];
  using floor = new DiskFloor(host.root);
  for (let index = -warmUp; index < measured; index++) {
    const flushMs = floor.measure();
    const passage = await (await host.receive(`single-${index}`)).arrived;
    if (index < 0) continue;
    flushes.push(flushMs);
    passages.push(passage);
  }
  const accept = passages.map(({ begunAt, acceptedAt }) => acceptedAt - begunAt);
  const accepted = quantile(accept, 0.95);
  const toModel = median(passages.map(({ begunAt, atModel }) => atModel - begunAt));
  const toChannel = median(passages.map(({ answeredAt, deliveredAt }) => deliveredAt - answeredAt));
  const disk = `the disk alone: p95 ${inMs(quantile(flushes, 0.95))}, median ${inMs(median(flushes))}`;
  return [
    {
      what: 'accept, p95',
      target: '≤ 5 ms',
      measured: `${inMs(accepted)}  (median ${inMs(median(accept))}; ${disk})`,
      isMet: accepted <= 5,
    },
    { what: 'message in → model, median', target: '≤ 15 ms', measured: inMs(toModel), isMet: toModel <= 15 },
    { what: 'answer ready → channel, median', target: '≤ 10 ms', measured: inMs(toChannel), isMet: toChannel <= 10 },
  ];
}

/** The model answers when all are there: a turn that waited for another chat's would never come. */
async function crowdRow(host: DeliveryHost): Promise<Row> {
  host.gather(atOnce);
  const sent = await Promise.all(Array.from({ length: atOnce }, (_, index) => host.receive(`crowd-${index}`)));
  const passages = await Promise.all(sent.map(({ arrived }) => arrived));
  const begun = Math.min(...passages.map(({ begunAt }) => begunAt));
  const each = (at: number) => (at - begun) / atOnce;
  const [met, done] = [
    each(Math.max(...passages.map(({ atModel }) => atModel))),
    each(Math.max(...passages.map(({ deliveredAt }) => deliveredAt))),
  ];
  return {
    what: `${atOnce} chats at once, all at the model together, for each`,
    target: '≤ 15 ms',
    measured: `${inMs(met)}  (delivered ${inMs(done)})`,
    isMet: done <= 15,
  };
}

/** Of what is left after a collection, so that it is growth and not rubbish. */
async function memoryRow(host: DeliveryHost): Promise<Row> {
  const run = async (messages: number) => {
    for (let done = 0; done < messages; done += atOnce) {
      const batch = await Promise.all(Array.from({ length: atOnce }, (_, at) => host.receive(`many-${done + at}`)));
      await Promise.all(batch.map(({ arrived }) => arrived));
    }
  };
  await run(many / 10);
  const before = usedMb();
  await run(many);
  const grown = usedMb() - before;
  return {
    what: `heap after ${many.toLocaleString('en-US')} messages more`,
    target: '≤ +8 MB',
    measured: `${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MB`,
    isMet: grown <= 8,
  };
}

function usedMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

function inMs(value: number): string {
  return `${value.toFixed(1)} ms`;
}
