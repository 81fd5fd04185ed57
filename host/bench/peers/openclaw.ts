import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort, type Server, startServer } from '../../testing/claw.ts';

export const openclawVersion = '2026.9.6';
const folder = join(dirname(dirname(dirname(import.meta.dirname))), '.peers', 'openclaw');
const entry = join('node_modules', 'openclaw', 'openclaw.mjs');
const token = 'peer';

export const openclawHeaders = { authorization: `Bearer ${token}` };

/** Installs the peer into an ignored folder, once: about 650 MB. */
export function installOpenclaw(): void {
  if (existsSync(join(folder, entry))) return;
  console.error(`installing the peer: openclaw@${openclawVersion} …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'peer-openclaw', private: true, type: 'module' }));
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `openclaw@${openclawVersion}`];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
}

/** A gateway in a fresh home, with no channels, on the given model server. */
export async function startOpenclaw(modelUrl: string): Promise<Server> {
  const home = mkdtempSync(join(tmpdir(), 'openclaw-bench-'));
  const port = await freePort();
  mkdirSync(join(home, '.openclaw'));
  writeFileSync(join(home, '.openclaw', 'openclaw.json'), JSON.stringify(configuration(home, port, modelUrl)));
  const env = { HOME: home, PATH: process.env.PATH ?? '' };
  const args = [entry, 'gateway', 'run', '--port', String(port)];
  const server = await startServer(process.execPath, args, env, `http://127.0.0.1:${port}`, '/readyz', folder);
  const end = async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...server, stop: end, [Symbol.asyncDispose]: end };
}

function configuration(home: string, port: number, modelUrl: string): object {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const model = {
    id: 'instant',
    name: 'instant',
    contextWindow: 200_000,
    maxTokens: 8192,
    input: ['text'],
    reasoning: false,
    cost,
  };
  return {
    gateway: {
      mode: 'local',
      port,
      bind: 'loopback',
      auth: { mode: 'token', token },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    models: {
      mode: 'merge',
      providers: { local: { baseUrl: modelUrl, apiKey: 'k', api: 'anthropic-messages', models: [model] } },
    },
    agents: {
      defaults: { model: { primary: 'local/instant' }, workspace: join(home, 'workspace'), skipBootstrap: true },
    },
  };
}
