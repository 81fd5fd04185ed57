import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost, type TestHostOptions } from '@clay/sdk/testing';
import claude from '../index.ts';
import { fakeProgram } from './fake-program.ts';

export interface SeenRun {
  readonly args: readonly string[];
  readonly task: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface ClaudeFixture {
  readonly host: TestHost;
  readonly root: string;
  /** What was asked of the endpoint's services. */
  readonly opened: JsonObject[];
  readonly ended: JsonObject[];
  /** With what the fake was started, run by run. */
  seen(): readonly SeenRun[];
  /** A file in the program's settings folder. */
  settingsFile(name: string): string;
}

export const session = { app: 'clay', user: 'ann', id: 's1', turn: 't1' };

export interface FixtureOptions {
  readonly config?: JsonObject;
  readonly provided?: NonNullable<TestHostOptions['provided']>;
}

export async function claudeFixture(t: TestContext, options: FixtureOptions = {}): Promise<ClaudeFixture> {
  const root = mkdtempSync(join(tmpdir(), 'clay-claude-'));
  mkdirSync(join(root, 'data', 'files', 'claude', 'settings'), { recursive: true });
  const opened: JsonObject[] = [];
  const ended: JsonObject[] = [];
  const host = await createTestHost(claude, {
    root,
    // Tests turn the clock while the program takes its real time: it must not seem to stall.
    config: {
      shell: 'on',
      claudeCode: { program: fakeProgram(root), hasModel: true },
      stallMs: 24 * 3_600_000,
      ...options.config,
    },
    provided: {
      'service:llm.endpoint': (args: Json) => {
        opened.push(args as JsonObject);
        return { baseUrl: 'http://127.0.0.1:9', token: `tok-${opened.length}`, model: 'glm-5', expiresAt: 0 };
      },
      'service:llm.endpoint.end': (args: Json) => {
        ended.push(args as JsonObject);
        return true;
      },
      ...options.provided,
    },
  });
  t.after(async () => {
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const settingsFile = (name: string) => join(root, 'data', 'files', 'claude', 'settings', name);
  return {
    host,
    root,
    opened,
    ended,
    settingsFile,
    seen: () => {
      const file = settingsFile('seen.jsonl');
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line) as SeenRun);
    },
  };
}

/** A process that has ended but was not yet collected counts as dead. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The failure of a call. */
export async function failureOf(call: Promise<unknown>): Promise<ClayError> {
  const error = await call.then(
    () => assert.fail('it should have failed'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ClayError, String(error));
  return error;
}
