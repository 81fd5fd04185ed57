import type { Bag } from './state.ts';

/** A container in the making. */
export interface Making {
  readonly config: Bag;
  readonly host: Bag;
  readonly endpoint: Bag;
  name: string;
  network: string;
}

type Put = (making: Making, value: string) => void;

const list =
  (where: 'config' | 'host' | 'endpoint', field: string): Put =>
  (making, value) => {
    making[where][field] = [...((making[where][field] as string[] | undefined) ?? []), value];
  };
const map =
  (where: 'config' | 'host', field: string): Put =>
  (making, value) => {
    const at = value.indexOf('=');
    making[where][field] = { ...(making[where][field] as object), [value.slice(0, at)]: value.slice(at + 1) };
  };
const text =
  (where: 'config' | 'host', field: string): Put =>
  (making, value) => {
    making[where][field] = value;
  };
const number =
  (where: 'config' | 'host', field: string): Put =>
  (making, value) => {
    making[where][field] = Number(value);
  };
const flag =
  (where: 'config' | 'host', field: string): Put =>
  (making) => {
    making[where][field] = true;
  };
const size =
  (field: string): Put =>
  (making, value) => {
    making.host[field] = bytes(value);
  };
const health =
  (field: string, read: (value: string) => unknown): Put =>
  (making, value) => {
    making.config.Healthcheck = { ...(making.config.Healthcheck as object), [field]: read(value) };
  };
const throttle =
  (field: string): Put =>
  (making, value) => {
    const at = value.lastIndexOf(':');
    const entry = { Path: value.slice(0, at), Rate: Number(value.slice(at + 1)) };
    making.host[field] = [...((making.host[field] as object[] | undefined) ?? []), entry];
  };

function bytes(value: string): number {
  const [, digits = '0', unit = 'b'] = /^(-?\d+)([bkmg]?)$/.exec(value) ?? [];
  return Number(digits) * ({ b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit] ?? 1);
}

const nanoseconds = (value: string): number => {
  const [, digits = '0', unit = 's'] = /^(\d+)(ns|s|m)$/.exec(value) ?? [];
  return Number(digits) * ({ ns: 1, s: 1e9, m: 6e10 }[unit] ?? 1);
};

/** Flags without a value. */
const alone: Readonly<Record<string, Put>> = {
  '--init=true': flag('host', 'Init'),
  '--init=false': (making) => {
    making.host.Init = false;
  },
  '--init': flag('host', 'Init'),
  '--interactive': flag('config', 'OpenStdin'),
  '--no-healthcheck': (making) => {
    making.config.Healthcheck = { Test: ['NONE'] };
  },
  '--oom-kill-disable': flag('host', 'OomKillDisable'),
  '--privileged': flag('host', 'Privileged'),
  '--publish-all': flag('host', 'PublishAllPorts'),
  '--read-only': flag('host', 'ReadonlyRootfs'),
  '--rm': flag('host', 'AutoRemove'),
  '--tty': flag('config', 'Tty'),
};

/** Written after Docker's manual and its API, and not after the tool that it checks. */
const valued: Readonly<Record<string, Put>> = {
  '--add-host': list('host', 'ExtraHosts'),
  '--annotation': map('host', 'Annotations'),
  '--blkio-weight': number('host', 'BlkioWeight'),
  '--blkio-weight-device': (making, value) => {
    const [Path = '', weight] = value.split(':');
    making.host.BlkioWeightDevice = [
      ...((making.host.BlkioWeightDevice as object[] | undefined) ?? []),
      { Path, Weight: Number(weight) },
    ];
  },
  '--cap-add': list('host', 'CapAdd'),
  '--cap-drop': list('host', 'CapDrop'),
  '--cgroup-parent': text('host', 'CgroupParent'),
  '--cgroupns': text('host', 'CgroupnsMode'),
  '--cpu-period': number('host', 'CpuPeriod'),
  '--cpu-quota': number('host', 'CpuQuota'),
  '--cpu-rt-period': number('host', 'CpuRealtimePeriod'),
  '--cpu-rt-runtime': number('host', 'CpuRealtimeRuntime'),
  '--cpu-shares': number('host', 'CpuShares'),
  '--cpus': (making, value) => {
    making.host.NanoCpus = Math.round(Number(value) * 1e9);
  },
  '--cpuset-cpus': text('host', 'CpusetCpus'),
  '--cpuset-mems': text('host', 'CpusetMems'),
  '--device': (making, value) => {
    const [PathOnHost, PathInContainer, CgroupPermissions] = value.split(':');
    making.host.Devices = [
      ...((making.host.Devices as object[] | undefined) ?? []),
      { PathOnHost, PathInContainer, CgroupPermissions },
    ];
  },
  '--device-cgroup-rule': list('host', 'DeviceCgroupRules'),
  '--device-read-bps': throttle('BlkioDeviceReadBps'),
  '--device-read-iops': throttle('BlkioDeviceReadIOps'),
  '--device-write-bps': throttle('BlkioDeviceWriteBps'),
  '--device-write-iops': throttle('BlkioDeviceWriteIOps'),
  '--dns': list('host', 'Dns'),
  '--dns-option': list('host', 'DnsOptions'),
  '--dns-search': list('host', 'DnsSearch'),
  '--domainname': text('config', 'Domainname'),
  '--entrypoint': (making, value) => {
    making.config.Entrypoint = [value];
  },
  '--env': list('config', 'Env'),
  '--expose': (making, value) => {
    making.config.ExposedPorts = { ...(making.config.ExposedPorts as object), [value]: {} };
  },
  '--group-add': list('host', 'GroupAdd'),
  '--health-cmd': health('Test', (value) => ['CMD-SHELL', value]),
  '--health-interval': health('Interval', nanoseconds),
  '--health-retries': health('Retries', Number),
  '--health-start-interval': health('StartInterval', nanoseconds),
  '--health-start-period': health('StartPeriod', nanoseconds),
  '--health-timeout': health('Timeout', nanoseconds),
  '--hostname': text('config', 'Hostname'),
  '--ip': (making, value) => {
    making.endpoint.IPAMConfig = { ...(making.endpoint.IPAMConfig as object), IPv4Address: value };
  },
  '--ip6': (making, value) => {
    making.endpoint.IPAMConfig = { ...(making.endpoint.IPAMConfig as object), IPv6Address: value };
  },
  '--ipc': text('host', 'IpcMode'),
  '--isolation': text('host', 'Isolation'),
  '--kernel-memory': size('KernelMemory'),
  '--label': map('config', 'Labels'),
  '--link': list('endpoint', 'Links'),
  '--log-driver': (making, value) => {
    making.host.LogConfig = { ...(making.host.LogConfig as object), Type: value };
  },
  '--log-opt': (making, value) => {
    const { Type, Config } = (making.host.LogConfig ?? {}) as { Type?: string; Config?: object };
    making.host.LogConfig = {
      Type,
      Config: { ...Config, [value.slice(0, value.indexOf('='))]: value.slice(value.indexOf('=') + 1) },
    };
  },
  '--memory': size('Memory'),
  '--memory-reservation': size('MemoryReservation'),
  '--memory-swap': size('MemorySwap'),
  '--memory-swappiness': number('host', 'MemorySwappiness'),
  '--mount': (making, value) => {
    making.host.Mounts = [...((making.host.Mounts as object[] | undefined) ?? []), mountOf(value)];
  },
  '--name': (making, value) => {
    making.name = value;
  },
  '--network': (making, value) => {
    making.network = value;
    making.host.NetworkMode = value;
  },
  '--alias': list('endpoint', 'Aliases'),
  '--network-alias': list('endpoint', 'Aliases'),
  '--oom-score-adj': number('host', 'OomScoreAdj'),
  '--pid': text('host', 'PidMode'),
  '--pids-limit': number('host', 'PidsLimit'),
  '--publish': (making, value) => {
    const [, HostIp = '', HostPort = '', port = ''] =
      /^(?:(?:\[?([\d.a-f:]+?)\]?:)?(\d*):)?(\d+(?:\/\w+)?)$/.exec(value) ?? [];
    const key = port.includes('/') ? port : `${port}/tcp`;
    const bindings = (making.host.PortBindings ?? {}) as Record<string, object[]>;
    making.host.PortBindings = { ...bindings, [key]: [...(bindings[key] ?? []), { HostIp, HostPort }] };
  },
  '--restart': (making, value) => {
    const [Name, count] = value.split(':');
    making.host.RestartPolicy = { Name, MaximumRetryCount: Number(count ?? 0) };
  },
  '--runtime': text('host', 'Runtime'),
  '--security-opt': (making, value) => {
    if (value === 'systempaths=unconfined') making.host.MaskedPaths = [];
    else list('host', 'SecurityOpt')(making, value);
  },
  '--shm-size': size('ShmSize'),
  '--stop-signal': text('config', 'StopSignal'),
  '--stop-timeout': number('config', 'StopTimeout'),
  '--storage-opt': map('host', 'StorageOpt'),
  '--sysctl': map('host', 'Sysctls'),
  '--tmpfs': (making, value) => {
    const at = value.indexOf(':');
    const [path, options] = at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
    making.host.Tmpfs = { ...(making.host.Tmpfs as object), [path]: options };
  },
  '--ulimit': (making, value) => {
    const [, Name, soft, hard] = /^(\w+)=(-?\d+):(-?\d+)$/.exec(value) ?? [];
    making.host.Ulimits = [
      ...((making.host.Ulimits as object[] | undefined) ?? []),
      { Name, Soft: Number(soft), Hard: Number(hard) },
    ];
  },
  '--user': text('config', 'User'),
  '--userns': text('host', 'UsernsMode'),
  '--uts': text('host', 'UTSMode'),
  '--volume': list('host', 'Binds'),
  '--volume-driver': text('host', 'VolumeDriver'),
  '--volumes-from': list('host', 'VolumesFrom'),
  '--workdir': text('config', 'WorkingDir'),
};

/** Reads the options before the image; gives what is left. Throws for one that Docker does not have. */
export function readFlags(
  args: readonly string[],
  making: Making,
  env: Readonly<Record<string, string | undefined>>,
  readEnvFile: (file: string) => readonly string[],
): readonly string[] {
  const rest = [...args];
  while (rest[0]?.startsWith('-')) {
    const name = rest.shift()!;
    const lonely = alone[name];
    if (lonely !== undefined) {
      lonely(making, '');
      continue;
    }
    const value = rest.shift();
    if (value === undefined) throw new Error(`flag needs an argument: ${name}`);
    if (name === '--env-file') for (const line of readEnvFile(value)) list('config', 'Env')(making, line);
    else if (name === '--env' && !value.includes('=')) list('config', 'Env')(making, `${value}=${env[value] ?? ''}`);
    else if (valued[name] === undefined) throw new Error(`unknown flag: ${name}`);
    else valued[name](making, value);
  }
  return rest;
}

function mountOf(line: string): Bag {
  const mount: Bag = {};
  for (const field of csv(line)) {
    const at = field.indexOf('=');
    const [key, value] = at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
    const within = (group: string, entry: Bag) => {
      mount[group] = { ...(mount[group] as object), ...entry };
    };
    const volume = mount.VolumeOptions as { Labels?: object; DriverConfig?: { Options?: object } } | undefined;
    if (key === 'type') mount.Type = value;
    else if (key === 'source') mount.Source = value;
    else if (key === 'target') mount.Target = value;
    else if (key === 'readonly') mount.ReadOnly = true;
    else if (key === 'consistency') mount.Consistency = value;
    else if (key === 'bind-propagation') within('BindOptions', { Propagation: value });
    else if (key === 'bind-recursive' && value === 'disabled') within('BindOptions', { NonRecursive: true });
    else if (key === 'bind-recursive' && value === 'writable') within('BindOptions', { ReadOnlyNonRecursive: true });
    else if (key === 'bind-recursive' && value === 'readonly') within('BindOptions', { ReadOnlyForceRecursive: true });
    else if (key === 'volume-nocopy') within('VolumeOptions', { NoCopy: true });
    else if (key === 'volume-subpath') within('VolumeOptions', { Subpath: value });
    else if (key === 'volume-label') within('VolumeOptions', { Labels: { ...volume?.Labels, ...pair(value) } });
    else if (key === 'volume-driver')
      within('VolumeOptions', { DriverConfig: { ...volume?.DriverConfig, Name: value } });
    else if (key === 'volume-opt')
      within('VolumeOptions', {
        DriverConfig: { ...volume?.DriverConfig, Options: { ...volume?.DriverConfig?.Options, ...pair(value) } },
      });
    else if (key === 'tmpfs-size') within('TmpfsOptions', { SizeBytes: Number(value) });
    else if (key === 'tmpfs-mode') within('TmpfsOptions', { Mode: Number.parseInt(value, 8) });
    else throw new Error(`unexpected key '${key}' in '${line}'`);
  }
  return mount;
}

function pair(text: string): Bag {
  return { [text.slice(0, text.indexOf('='))]: text.slice(text.indexOf('=') + 1) };
}

function csv(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
