import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Log } from '@clay/sdk';
import { rehearseClaw } from '../claw.ts';
import type { Config } from '../config/config.ts';
import { type Environment, loadConfig } from '../config/load.ts';
import type { PluginStatus } from '../kernel/plugin-status.ts';
import { Connection } from '../store/connection.ts';
import { checkSoundness } from '../store/open-database.ts';
import { copyDatabase, copyFiles, copyServing, pathsBelow } from './copy-volume.ts';
import { stepsOf } from './pending-migrations.ts';
import { type Check, type PreflightReport, runCheck } from './report.ts';

export interface PreflightOptions {
  readonly env: Environment;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Says whether this version could be the claw of the volume, while another host may be just that: settings, databases
 * and every plugin, all tried on copies below the folder of temporary files. Writes nothing to the volume and does
 * nothing that the outside could notice. Never throws for what it looks at.
 */
export async function preflight({ env, version, clock, log }: PreflightOptions): Promise<PreflightReport> {
  const begin = performance.now();
  const checks: Check[] = [];
  const warnings: Check[] = [];
  let pendingMigrations: readonly string[] = [];
  const copy = mkdtempSync(join(tmpdir(), 'clay-preflight-'));
  /** False: what comes after it has no ground to stand on. */
  const pass = async (check: string, work: () => string | Promise<string>): Promise<boolean> => {
    const done = await runCheck(check, work);
    checks.push(done);
    return done.ok;
  };
  try {
    let config: Config | null = null;
    const isGround =
      (await pass('config', () => {
        const loaded = loadConfig({ env, defaultRoot: join(process.cwd(), '.clay'), isTerminal: false });
        config = loaded.config;
        return `model ${loaded.config.model.provider}`;
      })) && config !== null;
    if (isGround) {
      const { paths } = config! as Config;
      const to = pathsBelow(copy);
      copyFiles(paths, to);
      const hasData =
        (await pass('database', () => copySound(paths.database, to.database, paths.data))) &&
        (await pass('journal', () => copySound(paths.journal, to.journal, paths.data)));
      if (hasData) {
        const before = new Set(stepsOf(to.database, to.journal));
        const isExisting = existsSync(to.database);
        await pass('plugins of the volume', () => {
          copyServing(paths, to);
          return 'copied';
        });
        let plugins: readonly PluginStatus[] = [];
        await pass('start', async () => {
          plugins = await rehearseClaw(rehearsed(config! as Config, to), env, version, log, clock);
          return `${plugins.length} plugins`;
        });
        for (const status of plugins) {
          const told = judge(status);
          if (status.origin === 'image' || told.ok) checks.push(told);
          else warnings.push({ ...told });
        }
        if (isExisting) pendingMigrations = stepsOf(to.database, to.journal).filter((step) => !before.has(step));
      }
    }
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
  }
  const ok = checks.every((check) => check.ok);
  const ms = Math.round(performance.now() - begin);
  return { event: 'preflight', ok, version, ms, checks, warnings, pendingMigrations };
}

/** A damaged database would be set aside, and the claw would begin without its past: not while another one has it. */
async function copySound(file: string, target: string, data: string): Promise<string> {
  const found = await copyDatabase(file, target, data);
  if (!existsSync(target)) return found;
  const connection = new Connection(target);
  try {
    checkSoundness(connection);
  } finally {
    connection.close();
  }
  return found;
}

function rehearsed(config: Config, paths: Config['paths']): Config {
  const server = { ...config.server, host: '127.0.0.1', port: 0, adkPort: 0 };
  return { ...config, paths, server, model: { provider: 'offline' }, shellUser: null };
}

function judge({ name, state, failure, origin }: PluginStatus): Check {
  const check = `plugin ${name}`;
  if (failure !== null)
    return {
      check,
      ok: false,
      ms: 0,
      detail: `${failure.phase}: ${failure.message}${failure.location ? ` (${failure.location})` : ''}`,
    };
  const isServing = state === 'probation' || state === 'committed';
  return { check, ok: isServing, ms: 0, detail: isServing ? `${origin}, ${state}` : `It does not serve: ${state}.` };
}
