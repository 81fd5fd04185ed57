import { type MountSpec, mountFlag } from './mount-flags.ts';

interface Device {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

interface Throttle {
  readonly Path: string;
  readonly Rate: number;
}

/** What this tool can hand on of Docker's `HostConfig`, as Docker's API spells it. */
export interface HostConfig {
  readonly Annotations: Readonly<Record<string, string>>;
  readonly Binds: readonly string[];
  readonly BlkioDeviceReadBps: readonly Throttle[];
  readonly BlkioDeviceReadIOps: readonly Throttle[];
  readonly BlkioDeviceWriteBps: readonly Throttle[];
  readonly BlkioDeviceWriteIOps: readonly Throttle[];
  readonly BlkioWeight: number;
  readonly BlkioWeightDevice: readonly { readonly Path: string; readonly Weight: number }[];
  readonly CapAdd: readonly string[];
  readonly CapDrop: readonly string[];
  readonly CgroupParent: string;
  readonly CgroupnsMode: string;
  readonly CpuPeriod: number;
  readonly CpuQuota: number;
  readonly CpuRealtimePeriod: number;
  readonly CpuRealtimeRuntime: number;
  readonly CpuShares: number;
  readonly CpusetCpus: string;
  readonly CpusetMems: string;
  readonly DeviceCgroupRules: readonly string[];
  readonly Devices: readonly Device[];
  readonly Dns: readonly string[];
  readonly DnsOptions: readonly string[];
  readonly DnsSearch: readonly string[];
  readonly ExtraHosts: readonly string[];
  readonly GroupAdd: readonly string[];
  readonly Init: boolean;
  readonly IpcMode: string;
  readonly Isolation: string;
  readonly KernelMemory: number;
  readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> | null };
  readonly Memory: number;
  readonly MemoryReservation: number;
  readonly MemorySwap: number;
  readonly MemorySwappiness: number;
  readonly Mounts: readonly MountSpec[];
  readonly NanoCpus: number;
  readonly NetworkMode: string;
  readonly OomKillDisable: boolean;
  readonly OomScoreAdj: number;
  readonly PidMode: string;
  readonly PidsLimit: number;
  readonly PortBindings: Readonly<
    Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
  >;
  readonly Privileged: boolean;
  readonly PublishAllPorts: boolean;
  readonly ReadonlyRootfs: boolean;
  readonly Runtime: string;
  readonly SecurityOpt: readonly string[];
  readonly ShmSize: number;
  readonly StorageOpt: Readonly<Record<string, string>>;
  readonly Sysctls: Readonly<Record<string, string>>;
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly UTSMode: string;
  readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly UsernsMode: string;
  readonly VolumeDriver: string;
  readonly VolumesFrom: readonly string[];
}

type Flags<Value> = (value: Value) => readonly string[];

const each =
  <Item>(flag: string, format: (item: Item) => string = String): Flags<readonly Item[]> =>
  (items) =>
    items.flatMap((item) => [flag, format(item)]);
const pairs =
  (flag: string): Flags<Readonly<Record<string, string>>> =>
  (values) =>
    Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
const one =
  (flag: string): Flags<string | number> =>
  (value) => [flag, String(value)];
const bytes =
  (flag: string): Flags<number> =>
  (value) => [flag, `${value}${value > 0 ? 'b' : ''}`];
const yes =
  (flag: string): Flags<boolean> =>
  () => [flag];
const throttle = (flag: string) => each<Throttle>(flag, ({ Path, Rate }) => `${Path}:${Rate}`);

/** For every field of {@link HostConfig} the words of `docker create`; called only for values that say something. */
export const hostFlags: { readonly [Field in keyof HostConfig]: Flags<HostConfig[Field]> } = {
  Annotations: pairs('--annotation'),
  Binds: each('--volume'),
  BlkioDeviceReadBps: throttle('--device-read-bps'),
  BlkioDeviceReadIOps: throttle('--device-read-iops'),
  BlkioDeviceWriteBps: throttle('--device-write-bps'),
  BlkioDeviceWriteIOps: throttle('--device-write-iops'),
  BlkioWeight: one('--blkio-weight'),
  BlkioWeightDevice: each('--blkio-weight-device', ({ Path, Weight }) => `${Path}:${Weight}`),
  CapAdd: each('--cap-add'),
  CapDrop: each('--cap-drop'),
  CgroupParent: one('--cgroup-parent'),
  CgroupnsMode: one('--cgroupns'),
  CpuPeriod: one('--cpu-period'),
  CpuQuota: one('--cpu-quota'),
  CpuRealtimePeriod: one('--cpu-rt-period'),
  CpuRealtimeRuntime: one('--cpu-rt-runtime'),
  CpuShares: one('--cpu-shares'),
  CpusetCpus: one('--cpuset-cpus'),
  CpusetMems: one('--cpuset-mems'),
  DeviceCgroupRules: each('--device-cgroup-rule'),
  Devices: each('--device', (device) => `${device.PathOnHost}:${device.PathInContainer}:${device.CgroupPermissions}`),
  Dns: each('--dns'),
  DnsOptions: each('--dns-option'),
  DnsSearch: each('--dns-search'),
  ExtraHosts: each('--add-host'),
  GroupAdd: each('--group-add'),
  // False is a choice too: the daemon's own default may be another.
  Init: (value) => [`--init=${value}`],
  IpcMode: one('--ipc'),
  Isolation: one('--isolation'),
  KernelMemory: bytes('--kernel-memory'),
  LogConfig: ({ Type, Config }) => ['--log-driver', Type, ...pairs('--log-opt')(Config ?? {})],
  Memory: bytes('--memory'),
  MemoryReservation: bytes('--memory-reservation'),
  MemorySwap: bytes('--memory-swap'),
  MemorySwappiness: one('--memory-swappiness'),
  Mounts: each('--mount', mountFlag),
  NanoCpus: (value) => ['--cpus', (value / 1e9).toFixed(9)],
  NetworkMode: one('--network'),
  OomKillDisable: yes('--oom-kill-disable'),
  OomScoreAdj: one('--oom-score-adj'),
  PidMode: one('--pid'),
  PidsLimit: one('--pids-limit'),
  PortBindings: (bindings) => Object.entries(bindings).flatMap(([port, hosts]) => publish(port, hosts)),
  Privileged: yes('--privileged'),
  PublishAllPorts: yes('--publish-all'),
  ReadonlyRootfs: yes('--read-only'),
  Runtime: one('--runtime'),
  SecurityOpt: each('--security-opt'),
  ShmSize: bytes('--shm-size'),
  StorageOpt: pairs('--storage-opt'),
  Sysctls: pairs('--sysctl'),
  Tmpfs: (mounts) =>
    Object.entries(mounts).flatMap(([path, options]) => ['--tmpfs', options === '' ? path : `${path}:${options}`]),
  UTSMode: one('--uts'),
  Ulimits: each('--ulimit', ({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`),
  UsernsMode: one('--userns'),
  VolumeDriver: one('--volume-driver'),
  VolumesFrom: each('--volumes-from'),
};

function publish(port: string, hosts: HostConfig['PortBindings'][string]): readonly string[] {
  return (hosts ?? [{ HostIp: '', HostPort: '' }]).flatMap(({ HostIp, HostPort }) => {
    const address = HostIp.includes(':') ? `[${HostIp}]` : HostIp;
    return ['--publish', `${address === '' ? '' : `${address}:`}${HostPort}${address || HostPort ? ':' : ''}${port}`];
  });
}
