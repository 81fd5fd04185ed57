import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import type { LoopNote } from '../agents/loop/loop-note.ts';
import type { EventJson } from '../event-json.ts';
import type { FixtureOptions } from './agent-fixture.ts';
import type { ScriptedAnswer, ScriptedMessage } from './anthropic-script.ts';
import { type ProviderFixture, providerFixture } from './provider-fixture.ts';

export const worker = (name: string, extra: JsonObject = {}): JsonObject => ({
  type: 'llm',
  name,
  description: name,
  instruction: `You are ${name}.`,
  ...extra,
});

export const buildLoop = (extra: JsonObject = {}): JsonObject => ({
  type: 'loop',
  name: 'build_loop',
  description: 'Builds.',
  until: 'signal',
  agents: [worker('generator'), worker('reviewer')],
  ...extra,
});

/** A claw with one loop, `build_loop`, and a folder for its files. */
export async function loopFixture(
  t: TestContext,
  extra: JsonObject = {},
  options: FixtureOptions = {},
): Promise<ProviderFixture & { readonly root: string }> {
  const root = mkdtempSync(join(tmpdir(), 'clay-loop-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'data', 'ops'), { recursive: true });
  const fixture = await providerFixture(t, { agents: { build_loop: buildLoop(extra) }, ...options, root });
  return { ...fixture, root };
}

/** Answers by the agent that asks; what runs out says so. */
export function byAgent(answers: Record<string, ScriptedAnswer[]>) {
  const left = structuredClone(answers);
  return (request: { readonly system?: unknown }): ScriptedAnswer => {
    const name = /Your name is (\w+)\./.exec(JSON.stringify(request.system))?.[1] ?? 'clay';
    return left[name]?.shift() ?? { text: `${name} has no more lines` };
  };
}

export const begin = (task = 'Build it.'): ScriptedMessage => ({
  calls: [{ id: 'loop-1', name: 'delegate', input: { agent: 'build_loop', task } }],
});
export const signal = (name: string, why = 'because', text?: string): ScriptedMessage => ({
  ...(text !== undefined && { text }),
  calls: [{ name: 'loop_signal', input: { signal: name, why } }],
});

export function notes(events: readonly EventJson[]): LoopNote[] {
  return events.flatMap(({ customMetadata }) => (customMetadata?.loop as LoopNote | undefined) ?? []);
}

/** What the main agent got for the loop. */
export function result(events: readonly EventJson[]): JsonObject {
  const responses = events
    .filter(({ isolationScope }) => isolationScope === undefined)
    .flatMap(({ content }) => content?.parts?.flatMap(({ functionResponse }) => functionResponse ?? []) ?? []);
  return responses.find(({ id }) => id === 'loop-1')?.response as JsonObject;
}

export const asked = ({ server }: ProviderFixture, agent: string) =>
  server.requests.filter(({ body }) => JSON.stringify(body.system).includes(`Your name is ${agent}.`));
