import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import loops from './index.ts';

interface LoopData {
  readonly until: string;
  readonly maxIterations: number;
  readonly caps: JsonObject;
  readonly gate?: readonly string[];
  readonly agents: readonly { readonly name: string; readonly tools?: readonly string[] }[];
}

async function described(config: JsonObject = {}): Promise<Record<string, LoopData>> {
  await using claw = await createTestHost(loops, { config });
  const agents = [...claw.capabilities.values()].filter(({ kind }) => kind === 'agent');
  return Object.fromEntries(
    agents.map(({ name, details }) => [name, (details as unknown as { definition: LoopData }).definition]),
  );
}

test('three loops and a reviewer are described, each with its executor, its reviewer and its gate', async () => {
  const agents = await described();
  assert.deepEqual(Object.keys(agents).sort(), ['build_loop', 'ops_loop', 'research_loop', 'review']);
  const shape = ({ until, gate, agents: parts }: LoopData) => [until, gate?.join(), ...parts.map(({ name }) => name)];
  assert.deepEqual(shape(agents.build_loop!), ['signal', 'data/ops/MANUAL.md', 'generator', 'build_reviewer']);
  assert.deepEqual(shape(agents.ops_loop!), ['signal', 'data/ops/FEEDBACK.md', 'operator', 'ops_reviewer']);
  assert.deepEqual(shape(agents.research_loop!), ['signal', undefined, 'researcher', 'research_reviewer']);
});

test('reviewers hold no tool that writes or deploys what they judge', async () => {
  const { build_loop, ops_loop, research_loop } = await described();
  for (const loop of [build_loop!, ops_loop!, research_loop!]) {
    const tools = loop.agents.at(-1)?.tools ?? [];
    assert.ok(tools.length > 0);
    for (const name of ['write', 'edit', 'build_and_deploy', 'extension_write']) assert.ok(!tools.includes(name), name);
  }
});

test('the caps are the operator’s, by name, for every loop', async () => {
  const usual = await described();
  assert.equal(usual.build_loop?.maxIterations, 8);
  assert.deepEqual(usual.ops_loop?.caps, { minutes: 25, tokens: 5_000_000, costUsd: 5, tries: 3 });
  const { research_loop } = await described({ maxIterations: 2, costUsd: 0.5 });
  assert.deepEqual([research_loop?.maxIterations, research_loop?.caps.costUsd], [2, 0.5]);
  await assert.rejects(described({ maxIterations: 0 }), /maxIterations/);
  await assert.rejects(described({ iterations: 3 }), /iterations/);
});

test('the main agent is told which work goes where, and that it alone reports', async () => {
  await using claw = await createTestHost(loops);
  const text = await claw.prompt('loops');
  for (const word of ['build_loop', 'ops_loop', 'research_loop', 'MANUAL.md', 'FEEDBACK.md', 'one full report']) {
    assert.ok(text?.includes(word), word);
  }
});
