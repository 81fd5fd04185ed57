import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeRunFile, writeRunFile } from '../../gateway/run-file.ts';
import type { FakeAgentHost } from '../../gateway/testing/fake-agent-host.ts';
import { FakeMedic } from '../../gateway/testing/fake-medic.ts';
import { createFixture, type FixtureOptions, testToken } from '../../gateway/testing/gateway-fixture.ts';
import { tokenFile } from '../../gateway/token-file.ts';

/** A claw that listens, with a folder of its own in which the command line finds it. */
export interface RunningClaw {
  readonly root: string;
  readonly url: string;
  readonly agentHost: FakeAgentHost;
  readonly medic: FakeMedic;
  /** The folder goes too, unless it is kept for another. */
  stop(keepFolder?: boolean): Promise<void>;
}

/** In a new folder, or in one that another has left. */
export async function startClaw(options: FixtureOptions = {}, folder?: string): Promise<RunningClaw> {
  const root = folder ?? mkdtempSync(join(tmpdir(), 'clay-cli-'));
  const data = join(root, 'data');
  mkdirSync(data, { recursive: true });
  const medic = new FakeMedic();
  const { gateway, agentHost } = await createFixture({
    ...options,
    env: { CLAY_ROOT: root, ...options.env },
    parts: { medic, ...options.parts },
  });
  const { publicUrl, adkUrl } = await gateway.listen();
  writeRunFile(data, { pid: process.pid, publicUrl, adkUrl, version: '1.2.3', startedAt: 0 });
  writeFileSync(tokenFile(data), `${testToken}\n`, { mode: 0o600 });
  return {
    root,
    url: adkUrl,
    agentHost,
    medic,
    async stop(keepFolder = false) {
      await gateway.close();
      removeRunFile(data, process.pid);
      if (!keepFolder) rmSync(root, { recursive: true });
    },
  };
}
