import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClayError, type Log } from '@clay/sdk';
import { HostConnection } from '@clay/sdk/wire';
import { systemClock as clock } from '../clock.ts';
import { loadConfig } from '../config/load.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { secretNames } from '../policy/permissions.ts';
import { openChildRegistry } from '../process/child-registry.ts';
import { shippedDeclarations, shippedKey } from '../process/kept-declarations.ts';
import { createProcessTransport } from '../process/process-transport.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Writes beside a program that may sleep what it declares on a claw where nothing is configured, so that such a claw
 * starts it for its first call only. What names a folder of the claw is not written: it differs from claw to claw.
 */
export async function declareProgram(folder: string, manifestFile: string): Promise<void> {
  const parsed = parseManifest(JSON.parse(readFileSync(manifestFile, 'utf8')));
  if ('problems' in parsed || parsed.manifest.idle !== 'sleep') return;
  const { manifest } = parsed;
  const { name: plugin, version, permissions } = manifest;
  const root = mkdtempSync(join(tmpdir(), 'clay-declare-'));
  try {
    const { config } = loadConfig({ env: { CLAY_ROOT: root }, defaultRoot: root, isTerminal: false });
    const { data, soul, public: page, extensions } = config.paths;
    const paths = { root, data, soul, public: page, extensions };
    mkdirSync(data);
    const transport = createProcessTransport({
      ...{ entry: join(folder, 'main.mjs'), manifest, generation: 0, hash: '', permissions, paths, clock, log: silent },
      registry: openChildRegistry(join(data, 'children')),
      onDeath() {},
    });
    const refuse = async () => {
      throw new ClayError('UNAVAILABLE', 'While it is bundled a plugin has no host.');
    };
    const connection = new HostConnection(await transport.open(), clock, { serve: refuse, log() {}, fault() {} });
    const settings = Object.fromEntries(manifest.settings.map((name) => [name, config[name]]));
    const setup = { config: settings, paths, secrets: secretNames(permissions) };
    const ready = await connection.start({ plugin, version, generation: 0 }, setup, manifest.limits.startMs);
    connection.close();
    await transport.ended();
    const text = JSON.stringify({ key: shippedKey(setup), ready });
    if (!text.includes(root)) writeFileSync(join(folder, shippedDeclarations), text);
  } finally {
    rmSync(root, { recursive: true });
  }
}
