import type { JsonObject } from '@clay/sdk';
import type { HttpAnswer } from '@clay/sdk/testing';
import { wordsOf } from '../words.ts';

const dimensions = 64;

/** Words of one group mean the same. */
const groups: readonly (readonly string[])[] = [
  ['car', 'vehicle', 'automobile'],
  ['doctor', 'physician', 'surgeon'],
  ['flat', 'apartment'],
];

/** How the endpoint takes a request. */
export type Mood = 'well' | 'broken' | 'silent' | 'senseless';

/** An embeddings endpoint without a model: texts are near when their words are, or are of one group. */
export interface FakeEmbeddings {
  mood: Mood;
  /** A text with this word is refused, as one that is too long would be. */
  readonly refused: string;
  /** The bodies of all requests, in their order. */
  readonly asked: readonly JsonObject[];
  readonly answer: HttpAnswer;
}

export function createFakeEmbeddings(): FakeEmbeddings {
  const asked: JsonObject[] = [];
  const fake: FakeEmbeddings = {
    mood: 'well',
    refused: 'unspeakable',
    asked,
    async answer(request) {
      const body = (await request.json()) as { readonly input: readonly string[] } & JsonObject;
      asked.push(body);
      if (fake.mood === 'broken') return new Response('The model is being loaded.', { status: 503 });
      if (fake.mood === 'silent') return new Promise(() => undefined);
      if (fake.mood === 'senseless') return Response.json({ data: [{ index: 7, embedding: ['a'] }] });
      if (body.input.some((text) => text.includes(fake.refused))) return new Response('too long', { status: 400 });
      const data = body.input.map((text, index) => ({ object: 'embedding', index, embedding: embed(text) }));
      // Any order is allowed.
      return Response.json({ object: 'list', data: data.reverse() });
    },
  };
  return fake;
}

function embed(text: string): readonly number[] {
  const vector = Array<number>(dimensions).fill(0);
  for (const word of wordsOf(text)) {
    const group = groups.findIndex((one) => one.includes(word));
    // The first places belong to the groups.
    const place = group >= 0 ? group : groups.length + (hash(word) % (dimensions - groups.length));
    vector[place]! += group >= 0 ? 3 : 1;
  }
  return vector;
}

/** FNV-1a. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (const char of word) value = Math.imul(value ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return value;
}
