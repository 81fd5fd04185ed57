import { ProvisioningError } from '../errors.ts';
import { configFlags } from './config-flags.ts';
import { type HostConfig, hostFlags } from './host-flags.ts';
import type { Container, Endpoint, Image } from './inspect.ts';
import { mountFlag } from './mount-flags.ts';

/** How to make a container again, in the words of the `docker` command. */
export interface Recreation {
  /** Options of `docker create`, without a name. Values of the environment are not among them. */
  readonly flags: readonly string[];
  /** What follows the image. */
  readonly command: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  /** Further networks: the options of `docker network connect`, and the network. */
  readonly connections: readonly (readonly string[])[];
  /** Given when the new container has proven itself: until then Docker shall not start it again and again. */
  readonly restart: string;
  /** Holds what only one container can have: ports of the host, or fixed addresses. */
  readonly holdsAddresses: boolean;
}

/** What Docker computes or the command line makes of other fields. */
const derived = [
  'ContainerIDFile',
  'ConsoleSize',
  'MaskedPaths',
  'ReadonlyPaths',
  'RestartPolicy',
  'AutoRemove',
  'Cgroup',
  'Links',
];
/** Fields whose zero means something; everywhere else it means "not set". */
const neverSet: Readonly<Record<string, unknown>> = {
  MemorySwappiness: -1,
  PidsLimit: -1,
  IpcMode: '',
  Isolation: 'default',
};

/**
 * Everything that Docker's API knows of a container, as the options that make its equal. Fields that this tool cannot hand on are
 * an error and never dropped.
 *
 * @param image the container's own image: what stands in it is left to the new one
 * @param isRehearsal leaves out what the container that still serves holds
 */
export function recreationOf(container: Container, image: Image | null, isRehearsal = false): Recreation {
  const host = container.HostConfig as Partial<HostConfig> & Readonly<Record<string, unknown>>;
  requireKnown(container);
  const { flags, command, environment } = configFlags(container, image);
  const mode = String(host.NetworkMode ?? 'default');
  const networks = Object.entries(container.NetworkSettings.Networks);
  const isFirst = (name: string) => name === mode || (mode === 'default' && name === 'bridge');
  const isOwn = !/^(default|bridge|host|none|container:.*)$/.test(mode);
  return {
    flags: [
      ...flags,
      ...Object.entries(hostFlags).flatMap(([field, toFlags]) => {
        const value = host[field];
        if (!says(field, value) || (isRehearsal && field === 'PortBindings')) return [];
        return (toFlags as (value: unknown) => readonly string[])(value);
      }),
      ...unmasked(host),
      ...anonymousVolumes(container, host),
      ...networks
        .filter(([name]) => isOwn && isFirst(name))
        .flatMap(([, endpoint]) => endpointFlags(endpoint, container, isRehearsal, '--network-alias')),
    ],
    command,
    environment,
    connections: networks
      .filter(([name]) => !isFirst(name))
      .map(([name, endpoint]) => [...endpointFlags(endpoint, container, isRehearsal, '--alias'), name]),
    restart: restartOf(host),
    holdsAddresses:
      Object.values(host.PortBindings ?? {}).some((hosts) => hosts?.some(({ HostPort }) => HostPort !== '')) ||
      networks.some(([, { IPAMConfig: fixed }]) => Boolean(fixed?.IPv4Address || fixed?.IPv6Address)),
  };
}

function requireKnown({ Name, HostConfig: host }: Container): void {
  const name = Name.replace(/^\//, '');
  const unknown = Object.keys(host).filter(
    (field) =>
      !Object.hasOwn(hostFlags, field) && (!derived.includes(field) || field === 'Links') && says(field, host[field]),
  );
  if (unknown.length > 0) {
    const told = unknown.map((field) => `${field} = ${JSON.stringify(host[field])}`).join(', ');
    throw new ProvisioningError(
      'UNKNOWN_SETTING',
      `The container ${name} has ${told}, which this tool cannot hand on to a new container. Nothing was changed; make the container again without it.`,
    );
  }
  if (host.AutoRemove === true) {
    throw new ProvisioningError(
      'UNKNOWN_SETTING',
      `The container ${name} was started with --rm: Docker would remove it when it is stopped, and there would be no way back. Nothing was changed.`,
    );
  }
}

function says(field: string, value: unknown): boolean {
  if (field === 'Init') return typeof value === 'boolean';
  if (value === null || value === undefined || value === '' || value === false) return false;
  if (value === neverSet[field]) return false;
  if (value === 0) return field === 'MemorySwappiness';
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** `systempaths=unconfined` shows only by the absence of the paths that are otherwise hidden. */
function unmasked({ MaskedPaths, Privileged }: Readonly<Record<string, unknown>>): readonly string[] {
  const isBare = Array.isArray(MaskedPaths) && MaskedPaths.length === 0 && Privileged !== true;
  return isBare ? ['--security-opt', 'systempaths=unconfined'] : [];
}

/** Volumes that the image asked for, and to which Docker gave names: in them may lie data too. */
function anonymousVolumes(
  { Mounts }: Container,
  { Binds, Mounts: specs, VolumesFrom }: Partial<HostConfig>,
): readonly string[] {
  if ((VolumesFrom ?? []).length > 0) return [];
  const named = new Set([
    ...(Binds ?? []).map((bind) => bind.split(':')[1]),
    ...(specs ?? []).map(({ Target }) => Target),
  ]);
  return Mounts.filter(({ Type, Destination }) => Type === 'volume' && !named.has(Destination)).flatMap(
    ({ Name = '', Destination, RW }) => [
      '--mount',
      mountFlag({ Type: 'volume', Source: Name, Target: Destination, ReadOnly: !RW }),
    ],
  );
}

function endpointFlags(
  endpoint: Endpoint,
  { Id, Name }: Container,
  isRehearsal: boolean,
  aliasFlag: string,
): readonly string[] {
  const own = [Id.slice(0, 12), Name.replace(/^\//, '')];
  const fixed = isRehearsal ? {} : (endpoint.IPAMConfig ?? {});
  return [
    ...(isRehearsal ? [] : (endpoint.Aliases ?? []))
      .filter((alias) => !own.includes(alias))
      .flatMap((alias) => [aliasFlag, alias]),
    ...(fixed.IPv4Address ? ['--ip', fixed.IPv4Address] : []),
    ...(fixed.IPv6Address ? ['--ip6', fixed.IPv6Address] : []),
    ...(fixed.LinkLocalIPs ?? []).flatMap((address) => ['--link-local-ip', address]),
    ...(endpoint.Links ?? []).flatMap((link) => ['--link', link]),
    ...(aliasFlag === '--alias'
      ? Object.entries(endpoint.DriverOpts ?? {}).flatMap(([key, value]) => ['--driver-opt', `${key}=${value}`])
      : []),
  ];
}

function restartOf({ RestartPolicy }: Readonly<Record<string, unknown>>): string {
  const { Name = '', MaximumRetryCount = 0 } = (RestartPolicy ?? {}) as { Name?: string; MaximumRetryCount?: number };
  return Name === 'on-failure' && MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name || 'no';
}
