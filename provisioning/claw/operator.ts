import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ProvisioningError } from '../errors.ts';

const word = (what: string, pattern: RegExp) => z.string().regex(pattern, `must be ${what}`);

/**
 * What the operator of a host decides once: by an option, else by a variable, else by `operator.json` in the root. Patterns keep
 * out whatever a compose file, a label or nginx would read as more than a value.
 */
const settings = {
  domain: {
    env: 'CLAW_DOMAIN',
    fallback: 'claw.gather.is',
    schema: word('a domain', /^(?=.{1,200}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/),
  },
  image: {
    env: 'CLAW_DOCKER_IMAGE',
    fallback: 'clay:latest',
    schema: word('the name of an image', /^[\w][\w.:/@-]{0,200}$/),
  },
  router: { env: 'CLAW_ROUTER', fallback: 'nginx', schema: z.enum(['nginx', 'traefik', 'none']) },
  traefik: { env: 'CLAW_TRAEFIK', fallback: 'traefik', schema: word('the name of a container', /^[\w][\w.-]{0,100}$/) },
  certResolver: { env: 'CLAW_CERT_RESOLVER', fallback: 'cf', schema: word('a name', /^[\w-]{1,50}$/) },
  nginx: { env: 'CLAW_NGINX', fallback: '/etc/nginx', schema: word('an absolute path', /^\/[\w./-]*$/) },
  certificates: {
    env: 'CLAW_CERTIFICATES',
    fallback: '/etc/letsencrypt/live/{domain}',
    schema: word('an absolute path', /^\/[\w./{}-]*$/),
  },
  modelUrl: {
    env: 'ANTHROPIC_API_BASE',
    fallback: 'https://api.z.ai/api/anthropic',
    schema: z.url({ protocol: /^https?$/ }),
  },
  model: { env: 'CLAW_LLM_MODEL', fallback: 'glm-5', schema: word('the name of a model', /^[\w.:/@-]{1,100}$/) },
  authKeys: { env: 'CLAW_AUTH_PUBLIC_KEYS', fallback: '', schema: z.string().max(10_000) },
  authIssuer: { env: 'CLAW_AUTH_ISSUER', fallback: '', schema: z.string().max(300) },
  origins: { env: 'CLAY_ORIGINS', fallback: '', schema: z.string().max(2_000) },
  memory: { env: 'CLAW_MEMORY', fallback: '512m', schema: word('a size such as 512m', /^[1-9]\d{0,6}[mg]$/) },
  cpus: {
    env: 'CLAW_CPUS',
    fallback: '1',
    schema: word('a number of processors such as 0.5', /^\d{1,3}(\.\d{1,3})?$/),
  },
  pids: { env: 'CLAW_PIDS', fallback: '512', schema: word('a number of processes', /^[1-9]\d{1,5}$/) },
} as const;

type Name = keyof typeof settings;
export type Operator = { readonly root: string } & {
  readonly [Key in Name]: z.infer<(typeof settings)[Key]['schema']>;
};
export const operatorVariables: readonly string[] = ['CLAW_ROOT', ...Object.values(settings).map(({ env }) => env)];

type Environment = Readonly<Record<string, string | undefined>>;

/** @param options what the command line says: `domain`, `image`, … as far as it says something */
export function readOperator(env: Environment, options: Readonly<Record<string, unknown>>): Operator {
  const root = env.CLAW_ROOT || '/srv/claw';
  const file = readFile(join(root, 'operator.json'));
  const chosen = Object.entries(settings).map(([name, { env: variable, fallback, schema }]) => {
    const key = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const [source, value] = [
      [`--${key}`, options[key]],
      [variable, env[variable] || undefined],
      [`${name} in ${join(root, 'operator.json')}`, file[name]],
      ['the default', fallback],
    ].find(([, candidate]) => candidate !== undefined) as [string, unknown];
    const read = schema.safeParse(value);
    if (read.success) return [name, read.data];
    const told = JSON.stringify(String(value).slice(0, 60));
    throw new ProvisioningError(
      'BAD_OPTION',
      `${source} is ${told}, but ${read.error.issues[0]?.message ?? 'is not valid'}.`,
    );
  });
  const operator: Operator = { root, ...Object.fromEntries(chosen) };
  return { ...operator, certificates: operator.certificates.replace('{domain}', operator.domain) };
}

function readFile(path: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const known = Object.keys(settings);
    const stray = Object.keys(read as object).find((key) => !known.includes(key));
    if (stray === undefined) return read as Record<string, unknown>;
    throw new ProvisioningError('BAD_OPTION', `${path} sets ${JSON.stringify(stray)}; there are ${known.join(', ')}.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    if (error instanceof ProvisioningError) throw error;
    throw new ProvisioningError('BAD_OPTION', `${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
