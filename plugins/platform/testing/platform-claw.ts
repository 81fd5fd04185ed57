import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { Json, JsonObject } from '@clay/sdk';
import { createFakeClock, createTestHost, type FakeClock, type Provided, type TestHost } from '@clay/sdk/testing';
import platform from '../index.ts';
import manifest from '../plugin.json' with { type: 'json' };
import { GatherServer } from './gather-server.ts';

/** A claw beside the platform: the plugin, the server, and the one clock of both. */
export interface PlatformClaw {
  readonly claw: TestHost;
  readonly server: GatherServer;
  readonly clock: FakeClock;
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Starts the plugin anew over the same store, as after a time of sleep. */
  restart(): Promise<TestHost>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PlatformClawOptions {
  /** Of the plugin. */
  readonly config?: JsonObject;
  readonly isRegistered?: boolean;
  readonly ask?: Provided;
}

export async function startPlatformClaw(options: PlatformClawOptions = {}): Promise<PlatformClaw> {
  const clock = createFakeClock();
  const server = new GatherServer(clock);
  const baseUrl = await server.listen();
  const { privateKey, publicKey: key } = generateKeyPairSync('ed25519');
  const publicKey = key.export({ format: 'pem', type: 'spki' }).toString();
  const raw = createPublicKey(publicKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const fingerprint = createHash('sha256').update(raw).digest('hex');
  if (options.isRegistered !== false) server.accounts.add('clay', publicKey);
  const provided: Record<string, Provided> = {
    'service:identity.public': () => ({ publicKey, fingerprint }),
    'service:identity.sign': (args: Json) => {
      const bytes = Buffer.from(String((args as JsonObject).bytes), 'base64');
      return { signature: sign(null, bytes, privateKey).toString('base64') };
    },
    ...(options.ask === undefined ? {} : { 'service:chat.ask': options.ask }),
  };
  const entries = new Map<string, string>();
  const start = () =>
    createTestHost(
      { ...platform, optional: manifest.optional },
      {
        clock,
        provided,
        http: (request) => fetch(request, { redirect: 'manual' }),
        config: { platform: { baseUrl, agentId: null }, ...options.config },
        entries,
      },
    );
  let claw = await start();
  return {
    get claw() {
      return claw;
    },
    server,
    clock,
    publicKey,
    fingerprint,
    async restart() {
      await claw.stop();
      claw = await start();
      return claw;
    },
    async [Symbol.asyncDispose]() {
      await claw.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}
