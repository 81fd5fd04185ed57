import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseForeignEnvFile, readEnvFile } from '../claw/env-file.ts';
import { makeIdentity } from '../claw/identity.ts';
import { withLock } from '../claw/lock.ts';
import { makeClaw } from '../claw/make-claw.ts';
import type { Operator } from '../claw/operator.ts';
import { readSecrets } from '../claw/secret-input.ts';
import { putSoul } from '../claw/soul.ts';
import { UserFolder } from '../claw/user-folder.ts';
import { type AdminCommand, type AdminContext, operatorOptions, textOption } from '../command.ts';
import { ProvisioningError, quote } from '../errors.ts';
import { namesOf, parseNewUsername } from '../names/username.ts';

export const provision: AdminCommand = {
  usage: 'USERNAME [OPTIONS]',
  summary: 'make a claw, and start it',
  help: `
Makes a claw: three volumes, a network of its own, a container, and a way to it at https://USERNAME.DOMAIN. When something
fails, nothing of it stays.

  --zai-key-file FILE         key of the model's provider; "--zai-key -" reads it from standard input. Without: the offline model
  --telegram-token-file FILE  token of the Telegram bot; "--telegram-token -" reads it from standard input
  --telegram-chat-id ID       the chat that is its person's
  --env-file FILE             further variables for the claw, a NAME=value on each line
  --adopt TENANT              give a tenant the claw back whose data was kept by "deprovision"
  --domain, --image, --router nginx|traefik|none, --memory 512m, --cpus 1, --pids 512
                              what else stands in operator.json, for this claw only

USERNAME has 3 to 20 of the characters a–z and 0–9, and is no name of the platform. "--zai-key KEY" and "--telegram-token TOKEN"
are taken too, with a warning: everybody on the machine can read a command line.
`,
  options: {
    'zai-key': { type: 'string' },
    'zai-key-file': { type: 'string' },
    'telegram-token': { type: 'string' },
    'telegram-token-file': { type: 'string' },
    'telegram-chat-id': { type: 'string' },
    'pb-admin-token': { type: 'string' },
    'env-file': { type: 'string' },
    adopt: { type: 'string' },
    ...operatorOptions,
  },
  maxArgs: 1,
  run,
};

async function run(context: AdminContext): Promise<number> {
  const { operator, docker, say, print } = context;
  const username = parseNewUsername(context.args[0]);
  if (textOption(context, 'pb-admin-token') !== undefined)
    say(
      'warning: --pb-admin-token is not used: that a name is given once is seen to by Docker and the label of the tenant.',
    );
  const adopted = parseTenant(textOption(context, 'adopt'));
  const given = await readGiven(context);
  return withLock(operator.root, username, async () => {
    const folder = new UserFolder(operator.root, username);
    const isReturn = adopted !== null && folder.read()?.tenant === adopted;
    const kept = isReturn ? readEnvFile(folder.envFile) : new Map<string, string>();
    const identity = kept.has('GATHER_PRIVATE_KEY') ? [] : makeIdentity();
    await makeClaw(context, {
      username,
      tenant: adopted ?? randomUUID(),
      isAdopted: adopted !== null,
      environment: new Map([...platformVariables(operator), ...identity, ...kept, ...given]),
      fill: async () => {
        if (adopted === null) await putSoul(docker, namesOf(username));
      },
    });
    summarise(username, folder, operator, print);
    return 0;
  });
}

/** What the person who provisions says; checked before anything is made. */
async function readGiven(context: AdminContext): Promise<Map<string, string>> {
  const file = textOption(context, 'env-file');
  const values = file === undefined ? new Map<string, string>() : parseForeignEnvFile(readText(file), file);
  for (const [name, value] of await readSecrets(context)) values.set(name, value);
  if (values.has('ANTHROPIC_API_KEY')) values.set('MODEL_PROVIDER', 'anthropic');
  const chat = textOption(context, 'telegram-chat-id');
  if (chat === undefined) return values;
  if (!/^-?\d{1,20}$/.test(chat))
    throw new ProvisioningError(
      'BAD_OPTION',
      `--telegram-chat-id is ${quote(chat)}; it must be a number, such as 5001 or -1001234567890.`,
    );
  return values.set('TELEGRAM_CHAT_ID', chat);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ProvisioningError('BAD_OPTION', `--env-file ${file} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function platformVariables({ modelUrl, model, authKeys, authIssuer, origins }: Operator): ReadonlyMap<string, string> {
  const values = {
    ANTHROPIC_API_BASE: modelUrl,
    ANTHROPIC_MODEL: model,
    CLAW_AUTH_PUBLIC_KEYS: authKeys.replaceAll(/\s+/g, ' '),
    CLAW_AUTH_ISSUER: authIssuer,
    CLAY_ORIGINS: origins,
  };
  return new Map(Object.entries(values).filter(([, value]) => value !== ''));
}

export function parseTenant(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw new ProvisioningError(
    'BAD_OPTION',
    `${quote(text)} is no tenant; it must be a UUID, as "list" and the volume's label show it.`,
  );
}

function summarise(
  username: string,
  folder: UserFolder,
  { domain, router }: Operator,
  print: (line: string) => void,
): void {
  const claw = folder.read();
  print(`claw-${username} runs.`);
  print(`  tenant    ${claw?.tenant}`);
  print(`  address   ${router === 'none' ? 'none (no router)' : `https://${username}.${domain}`}`);
  print(`  settings  ${folder.envFile}`);
  print(`  token     docker exec claw-${username} cat /app/data/token`);
}
