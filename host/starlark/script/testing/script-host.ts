import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createTestHost, type TestHost, type TestHostOptions } from '@clay/sdk/testing';
import { inspectScript, manifestOf, scriptPlugin } from '../index.ts';
import type { Script } from '../script.ts';

export function scriptOf(name: string, source: string): Script {
  return { name, source, hash: createHash('sha256').update(source).digest('hex') };
}

/** Inspects a script, which must be good, and runs it as the host runs any plugin. */
export async function createScriptHost(
  source: string,
  options: TestHostOptions & { name?: string } = {},
): Promise<TestHost> {
  const script = scriptOf(options.name ?? 'sample', source);
  const report = await inspectScript(script);
  assert.ok(report.isGood && report.outline !== null, report.text);
  return createTestHost(
    { ...manifestOf(script, report.outline), ...scriptPlugin(script), config: undefined! },
    options,
  );
}

/** What a model reads of a script that is not taken, or of one that is. */
export async function reportOf(source: string, name = 'sample'): Promise<string> {
  return (await inspectScript(scriptOf(name, source))).text;
}
