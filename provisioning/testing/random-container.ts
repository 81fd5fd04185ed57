import type { Bag } from './docker/state.ts';

/** Reproducible chance: mulberry32. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Sometimes undefined: most of what could be set is not. */
  maybe<Value>(make: () => Value): Value | undefined {
    return this.next() < 0.4 ? make() : undefined;
  }

  one<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }

  some<Value>(make: (index: number) => Value): Value[] {
    return Array.from({ length: 1 + this.below(3) }, (_unused, index) => make(index));
  }
}

const odd = [
  'plain',
  'with space',
  'a"quote',
  "it's",
  '$HOME',
  'a,b',
  'a=b=c',
  '; rm -rf /',
  '`id`',
  'ü',
  '{{.Names}}',
  '--flag',
  '%s',
];

/** What an operator might have set, and more: each field of Docker's API that a flag of `docker create` sets. */
export function randomHostConfig(chance: Chance): Bag {
  const { maybe, one, some, below } = bind(chance);
  const positive = () => 1 + below(1_000_000);
  const throttles = () => some((index) => ({ Path: `/dev/sd${'abc'[index]}`, Rate: positive() }));
  const words = (prefix: string) => () => some((index) => `${prefix}${index}`);
  const named = () => Object.fromEntries(some((index) => [`key${index}`, one(odd)]));
  return {
    Annotations: maybe(named),
    Binds: maybe(() =>
      some((index) =>
        one([
          `claw-extra-${index}:/extra/${index}`,
          `/srv/some where:/host/${index}:ro`,
          `claw-z-${index}:/z/${index}:ro`,
        ]),
      ),
    ),
    BlkioDeviceReadBps: maybe(throttles),
    BlkioDeviceReadIOps: maybe(throttles),
    BlkioDeviceWriteBps: maybe(throttles),
    BlkioDeviceWriteIOps: maybe(throttles),
    BlkioWeight: maybe(() => 10 + below(900)),
    BlkioWeightDevice: maybe(() => some((index) => ({ Path: `/dev/sd${'abc'[index]}`, Weight: 10 + below(900) }))),
    CapAdd: maybe(() => ['CHOWN', 'NET_BIND_SERVICE']),
    CapDrop: maybe(() => ['ALL']),
    CgroupParent: maybe(() => '/claws.slice'),
    CgroupnsMode: maybe(() => one(['private', 'host'])),
    CpuPeriod: maybe(positive),
    CpuQuota: maybe(positive),
    CpuShares: maybe(positive),
    CpusetCpus: maybe(() => '0-1'),
    CpusetMems: maybe(() => '0'),
    DeviceCgroupRules: maybe(() => ['c 42:* rmw']),
    Devices: maybe(() =>
      some((index) => ({ PathOnHost: `/dev/x${index}`, PathInContainer: `/dev/y${index}`, CgroupPermissions: 'rwm' })),
    ),
    Dns: maybe(() => ['10.0.0.53', 'fd00::53']),
    DnsOptions: maybe(() => ['ndots:1']),
    DnsSearch: maybe(() => ['claws.example']),
    ExtraHosts: maybe(() => ['host.docker.internal:host-gateway', 'six:fd00::1']),
    GroupAdd: maybe(words('10')),
    Init: maybe(() => one([true, false])),
    IpcMode: maybe(() => one(['private', 'none'])),
    LogConfig: { Type: one(['json-file', 'local']), Config: { 'max-size': '10m', 'max-file': String(1 + below(9)) } },
    Memory: maybe(positive),
    MemoryReservation: maybe(positive),
    MemorySwap: maybe(() => one([-1, positive()])),
    MemorySwappiness: maybe(() => one([0, 60])),
    Mounts: maybe(() => some((index) => randomMount(chance, index))),
    NanoCpus: maybe(() => one([1e9, 500_000_000, 1_234_000_000, 10_000_000])),
    OomKillDisable: maybe(() => true),
    OomScoreAdj: maybe(() => below(2000) - 1000 || 1),
    PidMode: maybe(() => 'host'),
    PidsLimit: maybe(positive),
    PortBindings: maybe(() => ({
      '8080/tcp': [{ HostIp: one(['127.0.0.1', '', '::1']), HostPort: String(10_000 + below(1000)) }],
      '53/udp': some((index) => ({ HostIp: '127.0.0.1', HostPort: String(20_000 + index) })),
    })),
    Privileged: maybe(() => true),
    PublishAllPorts: maybe(() => true),
    ReadonlyRootfs: maybe(() => true),
    RestartPolicy: one([
      { Name: 'unless-stopped', MaximumRetryCount: 0 },
      { Name: 'on-failure', MaximumRetryCount: 5 },
      { Name: 'always', MaximumRetryCount: 0 },
      { Name: 'no', MaximumRetryCount: 0 },
    ]),
    Runtime: maybe(() => one(['runc', 'runsc'])),
    SecurityOpt: maybe(() => ['no-new-privileges:true', 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'label=type:x']),
    ShmSize: maybe(positive),
    StorageOpt: maybe(() => ({ size: '10G' })),
    Sysctls: maybe(() => ({ 'net.core.somaxconn': '1024' })),
    Tmpfs: maybe(() => ({ '/tmp': 'size=64m,mode=1777', '/run': '' })),
    UTSMode: maybe(() => 'host'),
    Ulimits: maybe(() => [
      { Name: 'nofile', Soft: 1024, Hard: 4096 },
      { Name: 'core', Soft: -1, Hard: -1 },
    ]),
    UsernsMode: maybe(() => 'host'),
    VolumeDriver: maybe(() => 'local'),
  };
}

export function randomConfig(chance: Chance): Bag {
  const { maybe, one, some, below } = bind(chance);
  return {
    Hostname: maybe(() => 'a-host'),
    Domainname: maybe(() => 'claws.example'),
    User: maybe(() => one(['10001:10001', '4711', 'node'])),
    WorkingDir: maybe(() => '/elsewhere'),
    StopSignal: maybe(() => 'SIGINT'),
    StopTimeout: maybe(() => below(300)),
    Tty: maybe(() => true),
    OpenStdin: maybe(() => true),
    Env: some((index) => `NAME_${index}=${one(odd)}${one(['', '\nsecond line'])}`),
    Labels: Object.fromEntries(
      some((index) => [
        `${one(['traefik.', 'com.docker.compose.', ''])}l${index}`,
        one([...odd, 'Host(`a.b`) && Path(`/`)', 'two\nlines', '']),
      ]),
    ),
    ExposedPorts: maybe(() => ({ '9999/tcp': {} })),
    Cmd: maybe(() => some(() => one(odd))),
    Entrypoint: maybe(() => ['/bin/entry', ...some(() => one(odd))]),
    Healthcheck: maybe(() =>
      one<Bag>([
        { Test: ['NONE'] },
        { Test: ['CMD-SHELL', `curl -f "http://127.0.0.1/$X" || exit 1`], Interval: 30e9, Retries: 5 },
        { Test: ['CMD-SHELL', 'true'], Timeout: 1_500_000_000, StartPeriod: 60e9, StartInterval: 2e9 },
      ]),
    ),
  };
}

export function randomEndpoint(chance: Chance, isFirst: boolean): Bag {
  const { maybe } = bind(chance);
  return {
    Aliases: maybe(() => ['claw', 'alice.internal']),
    IPAMConfig: maybe(() => ({ IPv4Address: '10.1.2.3', IPv6Address: maybe(() => 'fd00::3') })),
    Links: isFirst ? undefined : maybe(() => ['other:alias']),
  };
}

function randomMount(chance: Chance, index: number): Bag {
  const { maybe, one } = bind(chance);
  const Target = `/mnt/${one(['plain', 'with,comma', 'with "quotes"'])}${index}`;
  const ReadOnly = maybe(() => true);
  return one<() => Bag>([
    () => ({
      Type: 'volume',
      Source: `claw-m-${index}`,
      Target,
      ReadOnly,
      VolumeOptions: maybe(() => ({ NoCopy: true, Labels: { a: 'b=c,d' }, Subpath: 'sub/dir' })),
    }),
    () => ({
      Type: 'volume',
      Source: `claw-d-${index}`,
      Target,
      VolumeOptions: { DriverConfig: { Name: 'local', Options: { o: 'addr=10.0.0.1,rw', type: 'nfs' } } },
    }),
    () => ({
      Type: 'bind',
      Source: '/srv/a,b',
      Target,
      ReadOnly,
      BindOptions: maybe(() => ({ Propagation: one(['rprivate', 'rslave']), NonRecursive: maybe(() => true) })),
    }),
    () => ({ Type: 'tmpfs', Target, TmpfsOptions: { SizeBytes: 1024, Mode: 0o1777 } }),
  ])();
}

function bind(chance: Chance) {
  return {
    maybe: <Value>(make: () => Value) => chance.maybe(make),
    one: <Value>(values: readonly Value[]) => chance.one(values),
    some: <Value>(make: (index: number) => Value) => chance.some(make),
    below: (limit: number) => chance.below(limit),
  };
}
