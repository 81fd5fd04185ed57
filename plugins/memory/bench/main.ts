import { measureNearest } from './nearest.ts';
import { measureRecall } from './recall.ts';
import { measureSearch } from './search.ts';

const targetMs = 10;
const { memories, queries, p50Ms, p95Ms, p95MsByKind } = await measureSearch();
const isMet = p95Ms <= targetMs ? 'met' : 'MISSED';
console.log(
  `memory search, ${memories} memories, ${queries} queries  ≤ ${targetMs} ms p95  ${p95Ms.toFixed(1)} ms  (p50 ${p50Ms.toFixed(1)})  ${isMet}`,
);
for (const [kind, ms] of Object.entries(p95MsByKind)) console.log(`  ${kind.padEnd(24)} p95 ${ms.toFixed(1)} ms`);

const nearest = await measureNearest();
console.log(`nearest of ${nearest.vectors} vectors of 384  ${nearest.p95Ms.toFixed(1)} ms p95`);
const { questions, recall, recallByKind } = await measureRecall();
const kinds = Object.entries(recallByKind).map(([kind, share]) => `${kind} ${(100 * share).toFixed(0)} %`);
console.log(`recall@3 of ${questions} questions by words alone  ${(100 * recall).toFixed(1)} %  (${kinds.join(', ')})`);
