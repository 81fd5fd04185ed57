import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/load.ts';

/** Names by which operators and providers call what nobody shall read; public keys are none of it. */
const secretName = /(^|_)(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|BOT)$/;
const publicName = /PUBLIC/;

/** The secrets that are known before anything runs: those of the configuration, and what the environment calls a secret. */
export function knownSecrets(
  { model, server, telegram, identity, mcp }: Pick<Config, 'model' | 'server' | 'telegram' | 'identity' | 'mcp'>,
  env: Environment,
): readonly string[] {
  const configured = ['apiKey' in model ? model.apiKey : null, server.token, telegram.token, identity.privateKey];
  const named = Object.entries(env).map(([name, value]) =>
    secretName.test(name) && !publicName.test(name) ? value : undefined,
  );
  return [...configured, ...Object.values(mcp.variables), ...named].filter(
    (value) => value !== null && value !== undefined,
  );
}
