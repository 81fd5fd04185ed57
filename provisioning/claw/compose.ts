import { parse } from 'yaml';
import { z } from 'zod';
import { ProvisioningError } from '../errors.ts';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const service = z.strictObject({
  image: z.string(),
  container_name: z.string(),
  restart: z.string(),
  user: z.string(),
  read_only: z.boolean(),
  init: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()),
  mem_limit: text,
  memswap_limit: text,
  cpus: text,
  pids_limit: text,
  stop_grace_period: z.string().regex(/^\d+s$/),
  tmpfs: z.array(z.string()),
  env_file: z.array(z.strictObject({ path: z.string(), format: z.literal('raw') })),
  environment: z.record(z.string(), text),
  volumes: z.array(z.string()),
  networks: z.array(z.string()),
  ports: z.array(z.string()),
  extra_hosts: z.array(z.string()).default([]),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), text) }),
  labels: z.record(z.string(), text),
});
const file = z.strictObject({
  name: z.string(),
  services: z.strictObject({ claw: service }),
  volumes: z.record(z.string(), z.strictObject({ external: z.literal(true) })),
  networks: z.strictObject({ claw: z.strictObject({ name: z.string(), external: z.literal(true) }) }),
});

export type ComposeFile = z.infer<typeof file>;

/** Reads a claw's compose file. What this tool could not carry out is an error, as it would else be dropped without a word. */
export function parseCompose(source: string, name: string): ComposeFile {
  const read = file.safeParse(parse(source));
  if (read.success) return read.data;
  throw new ProvisioningError(
    'BAD_VALUE',
    `${name} has something that this tool does not know: ${z.prettifyError(read.error)}`,
  );
}

/** The options of `docker create` that make the service; the environment's secrets come by `envFile`. */
export function createFlags({ services: { claw }, networks }: ComposeFile, envFile: string): readonly string[] {
  const each = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value]);
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  return [
    ...['--name', claw.container_name, '--restart', claw.restart, '--user', claw.user],
    ...(claw.read_only ? ['--read-only'] : []),
    ...(claw.init ? ['--init'] : []),
    ...each('--cap-drop', claw.cap_drop),
    ...each('--cap-add', claw.cap_add),
    ...each('--security-opt', claw.security_opt),
    ...[
      '--memory',
      claw.mem_limit,
      '--memory-swap',
      claw.memswap_limit,
      '--cpus',
      claw.cpus,
      '--pids-limit',
      claw.pids_limit,
    ],
    ...['--stop-timeout', String(Number.parseInt(claw.stop_grace_period, 10))],
    ...each('--tmpfs', claw.tmpfs),
    ...each('--add-host', claw.extra_hosts),
    ...['--env-file', envFile],
    ...pairs('--env', claw.environment),
    ...each('--volume', claw.volumes),
    ...['--network', networks.claw.name],
    ...each('--publish', claw.ports),
    ...['--log-driver', claw.logging.driver, ...pairs('--log-opt', claw.logging.options)],
    ...pairs('--label', claw.labels),
  ];
}
