import { z } from 'zod';
import { ProvisioningError } from '../errors.ts';
import { type Docker, DockerError } from './docker.ts';

const labels = z.record(z.string(), z.string()).nullish();
const words = z.array(z.string()).nullish();

/** How a health check runs. Durations in nanoseconds. */
const healthcheck = z.looseObject({
  Test: words,
  Interval: z.number().nullish(),
  Timeout: z.number().nullish(),
  StartPeriod: z.number().nullish(),
  StartInterval: z.number().nullish(),
  Retries: z.number().nullish(),
});

const config = z.looseObject({
  Env: words,
  Cmd: words,
  Entrypoint: words,
  Labels: labels,
  User: z.string().nullish(),
  WorkingDir: z.string().nullish(),
  StopSignal: z.string().nullish(),
  Healthcheck: healthcheck.nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
});

const endpoint = z.looseObject({
  Aliases: words,
  Links: words,
  DriverOpts: z.record(z.string(), z.string()).nullish(),
  IPAMConfig: z
    .looseObject({ IPv4Address: z.string().nullish(), IPv6Address: z.string().nullish(), LinkLocalIPs: words })
    .nullish(),
});

const container = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  Created: z.string().optional(),
  RestartCount: z.number().default(0),
  State: z.looseObject({
    Status: z.string(),
    Running: z.boolean(),
    ExitCode: z.number().default(0),
    Health: z.looseObject({ Status: z.string() }).nullish(),
  }),
  Config: config.extend({
    Image: z.string(),
    Hostname: z.string().nullish(),
    Domainname: z.string().nullish(),
    StopTimeout: z.number().nullish(),
    Tty: z.boolean().nullish(),
    OpenStdin: z.boolean().nullish(),
  }),
  HostConfig: z.record(z.string(), z.unknown()),
  Mounts: z.array(
    z.looseObject({
      Type: z.string(),
      Name: z.string().optional(),
      Source: z.string(),
      Destination: z.string(),
      RW: z.boolean(),
    }),
  ),
  NetworkSettings: z.looseObject({ Networks: z.record(z.string(), endpoint) }),
});

const image = z.looseObject({ Id: z.string(), RepoTags: words, Config: config.nullish() });
const volume = z.looseObject({ Name: z.string(), Labels: labels });
const network = z.looseObject({
  Name: z.string(),
  Labels: labels,
  Containers: z.record(z.string(), z.looseObject({ Name: z.string() })).nullish(),
});

export type Container = z.infer<typeof container>;
export type Image = z.infer<typeof image>;
export type Volume = z.infer<typeof volume>;
export type Network = z.infer<typeof network>;
export type Endpoint = z.infer<typeof endpoint>;
export type Healthcheck = z.infer<typeof healthcheck>;

export const inspectContainer = (docker: Docker, name: string) => inspect(docker, 'container', name, container);
export const inspectImage = (docker: Docker, name: string) => inspect(docker, 'image', name, image);
export const inspectVolume = (docker: Docker, name: string) => inspect(docker, 'volume', name, volume);
export const inspectNetwork = (docker: Docker, name: string) => inspect(docker, 'network', name, network);

/** What Docker tells of something, or null where there is no such thing. */
async function inspect<Schema extends z.ZodType>(
  docker: Docker,
  kind: string,
  name: string,
  schema: Schema,
): Promise<z.infer<Schema> | null> {
  try {
    const [found]: unknown[] = JSON.parse(await docker.run([kind, 'inspect', name]));
    const read = schema.safeParse(found);
    if (read.success) return read.data;
    throw new ProvisioningError(
      'DOCKER',
      `docker ${kind} inspect ${name} told what this tool cannot read: ${z.prettifyError(read.error)}`,
    );
  } catch (error) {
    if (error instanceof DockerError && error.isMissing) return null;
    throw error;
  }
}
