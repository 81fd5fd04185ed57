import { measureRecall } from './recall.ts';

/**
 * Compares words alone with words and meanings, by a real endpoint:
 * `node plugins/memory/bench/ask-endpoint.ts http://127.0.0.1:11434/v1/embeddings all-minilm`
 */
const [url, model] = process.argv.slice(2);
if (url === undefined || model === undefined)
  throw new Error('Needs the address of an endpoint and the name of a model.');
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const hybrid = { config: { url, model }, http: (request: Request) => fetch(request) };
for (const [name, figures] of [
  ['words', await measureRecall()],
  ['words and meanings', await measureRecall(hybrid)],
] as const) {
  const { said, meant, slipped } = figures.recallByKind;
  const kinds = `said ${percent(said)}, meant ${percent(meant)}, slipped ${percent(slipped)}`;
  console.log(`${name.padEnd(20)} recall@3 ${percent(figures.recall)} of ${figures.questions} questions (${kinds})`);
  for (const text of figures.missed) console.log(`  missed: ${text}`);
}
