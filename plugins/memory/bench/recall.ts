import type { JsonObject } from '@clay/sdk';
import { createTestHost, type HttpAnswer } from '@clay/sdk/testing';
import memory from '../index.ts';
import type { Memory } from '../memory.ts';
import manifest from '../plugin.json' with { type: 'json' };
import { untilEmbedded } from '../testing/until-embedded.ts';
import { notedMemories, type Question, questions } from './questions.ts';

const depth = 3;

export interface RecallFigures {
  readonly questions: number;
  /** The share of questions whose answer is among the first three memories found. */
  readonly recall: number;
  readonly recallByKind: Readonly<Record<Question['kind'], number>>;
  readonly missed: readonly string[];
}

/** Asks every question of a claw that has noted all memories; with an endpoint once all have their vectors. */
export async function measureRecall(endpoint?: {
  readonly config: JsonObject;
  readonly http: HttpAnswer;
}): Promise<RecallFigures> {
  const surroundings = endpoint === undefined ? {} : { config: { embeddings: endpoint.config }, http: endpoint.http };
  await using claw = await createTestHost({ ...memory, tables: manifest.tables }, surroundings);
  for (const content of notedMemories) await claw.tool('memory', { action: 'store', content });
  if (endpoint !== undefined) await untilEmbedded(claw, notedMemories.length);
  const asked: { readonly question: Question; readonly isFound: boolean }[] = [];
  for (const question of questions) {
    const found = await claw.tool('memory', { action: 'search', query: question.text, limit: depth });
    const { memories } = found as unknown as { readonly memories: readonly Memory[] };
    asked.push({ question, isFound: memories.some(({ content }) => content === notedMemories[question.answer]) });
  }
  const share = (kind?: Question['kind']) => {
    const those = asked.filter(({ question }) => kind === undefined || question.kind === kind);
    return those.filter(({ isFound }) => isFound).length / those.length;
  };
  return {
    questions: questions.length,
    recall: share(),
    recallByKind: { said: share('said'), meant: share('meant'), slipped: share('slipped') },
    missed: asked.filter(({ isFound }) => !isFound).map(({ question }) => question.text),
  };
}
