/** Posts JSON and reads the whole answer; throws, with the answer, on anything but 200. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${answer.slice(0, 500)}`);
  return answer;
}

/** How long each of `count` runs of `work` takes, one after another, in milliseconds. */
export async function timeEach(count: number, work: (index: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    const begin = performance.now();
    await work(index);
    samples.push(performance.now() - begin);
  }
  return samples;
}

/** Runs `count` pieces of work with `clients` side by side; gives pieces a second. */
export async function throughput(
  clients: number,
  count: number,
  work: (client: number, index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const begin = performance.now();
  const client = async (_: unknown, number: number) => {
    for (let index = next++; index < count; index = next++) await work(number, index);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return count / ((performance.now() - begin) / 1000);
}
