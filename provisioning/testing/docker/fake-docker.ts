import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { create, extract } from 'tar';
import { type Docker, DockerError, type RunOptions } from '../../docker/docker.ts';
import { type Making, readFlags } from './create-flags.ts';
import { behaviourOf, end, evolve, healthOf, standbyOf, start } from './life.ts';
import { type Bag, type FakeContainer, type FakeState, FakeStore } from './state.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Ends as the real one does. */
class Refusal extends DockerError {
  constructor(message: string, exitCode = 1) {
    super('command', exitCode, message);
  }
}

/** A Docker that keeps what it is told in a folder, and answers from that. */
export class FakeDocker implements Docker {
  readonly #store: FakeStore;

  constructor(folder: string) {
    this.#store = new FakeStore(folder);
  }

  async run(args: readonly string[], { input, env = {} }: RunOptions = {}): Promise<string> {
    const output = new PassThrough();
    const told = buffer(output);
    await this.execute(args, input ?? PassThrough.from([]), output, env);
    output.end();
    return (await told).toString('utf8');
  }

  async stream(args: readonly string[], take: (output: Readable) => Promise<void>): Promise<void> {
    const output = new PassThrough();
    await Promise.all([this.execute(args, PassThrough.from([]), output, {}).finally(() => output.end()), take(output)]);
  }

  async execute(args: readonly string[], input: Readable, output: Writable, env: Environment): Promise<void> {
    this.#store.record('calls', args);
    await new Call(this.#store, input, output, env).run(args);
  }
}

class Call {
  readonly #store: FakeStore;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #env: Environment;

  constructor(store: FakeStore, input: Readable, output: Writable, env: Environment) {
    this.#store = store;
    this.#input = input;
    this.#output = output;
    this.#env = env;
  }

  async run([command = '', ...rest]: readonly string[]): Promise<void> {
    switch (command) {
      case 'version':
        return this.#say('28.2.2');
      case 'build': {
        const tag = rest[rest.indexOf('--tag') + 1]!;
        return this.#change(({ images }) => {
          const behaviour = images[tag]?.behaviour ?? {};
          images[tag] = {
            Id: `sha256:${randomBytes(32).toString('hex')}`,
            RepoTags: [tag],
            Config: images[tag]?.Config ?? {},
            behaviour,
          };
        });
      }
      case 'container':
      case 'image':
      case 'volume':
      case 'network':
        return this.#kinds(command, rest);
      case 'create':
        return this.#say(this.#change((state) => createContainer(state, this.#env, rest).Id));
      case 'run':
        return this.#runOnce(rest);
      case 'start':
        return this.#change((state) => {
          const fault = start(this.#store, state, find(state, rest[0]!));
          if (fault !== null) throw new Refusal(`Error response from daemon: ${fault}`);
        });
      case 'stop':
        return this.#stop(rest);
      case 'rm':
        return this.#change((state) => {
          const container = find(state, rest.at(-1)!);
          if (container.status === 'running' && !rest.includes('--force'))
            throw new Refusal('container is running: stop the container before removing or force remove');
          if (container.status === 'running') end(this.#store, container, 137, 'killed');
          delete state.containers[container.Id];
        });
      case 'rename':
        return this.#change((state) => {
          const container = find(state, rest[0]!);
          requireFreeName(state, rest[1]!);
          container.Name = `/${rest[1]}`;
        });
      case 'update':
        return this.#change((state) => {
          const [Name, count] = rest[1]!.split(':');
          find(state, rest[2]!).HostConfig.RestartPolicy = { Name, MaximumRetryCount: Number(count ?? 0) };
        });
      case 'exec':
        return this.#exec(rest);
      case 'logs':
        return this.#say(this.#change((state) => find(state, rest.at(-1)!).log.join('\n')));
      case 'ps':
        return this.#say(
          this.#change((state) =>
            Object.values(state.containers)
              .filter(isLabelled(rest))
              .map(({ Name }) => Name.slice(1))
              .join('\n'),
          ),
        );
      case 'cp':
        return this.#copy(rest);
      default:
        throw new Refusal(`docker: '${command}' is not a docker command.`);
    }
  }

  #change<Result>(work: (state: FakeState) => Result): Result {
    return this.#store.change((state) => {
      evolve(this.#store, state);
      return work(state);
    });
  }

  #say(line: string): void {
    if (line !== '') this.#output.write(`${line}\n`);
  }

  #kinds(kind: 'container' | 'image' | 'volume' | 'network', [verb = '', ...rest]: readonly string[]): void {
    const last = rest.at(-1)!;
    const labels = Object.fromEntries(
      rest.flatMap((word, index) => (rest[index - 1] === '--label' ? [word.split('=') as [string, string]] : [])),
    );
    this.#change((state) => {
      if (verb === 'inspect') return this.#say(JSON.stringify([inspect(state, kind, last)]));
      if (kind === 'volume' && verb === 'create') {
        state.volumes[last] ??= { Name: last, Labels: labels };
        return undefined;
      }
      if (kind === 'volume' && verb === 'ls') {
        const wanted = rest[rest.indexOf('--filter') + 1]!.replace(/^label=clay.tenant=/, '');
        const found = Object.values(state.volumes).filter(({ Labels }) => Labels['clay.tenant'] === wanted);
        return this.#say(found.map(({ Labels }) => Labels['clay.claw'] ?? '').join('\n'));
      }
      if (kind === 'volume' && verb === 'rm') {
        if (Object.values(state.containers).some(({ Mounts }) => Mounts.some(({ Name }) => Name === last)))
          throw new Refusal(`remove ${last}: volume is in use`);
        delete state.volumes[last];
        return undefined;
      }
      if (kind === 'network' && verb === 'create') {
        if (state.networks[last] !== undefined) throw new Refusal(`network with name ${last} already exists`);
        state.networks[last] = { Name: last, Labels: labels };
        return undefined;
      }
      if (kind === 'network' && verb === 'rm') {
        if (
          Object.values(state.containers).some(
            ({ Networks, status }) => Networks[last] !== undefined && status === 'running',
          )
        )
          throw new Refusal(`error while removing network: network ${last} has active endpoints`);
        delete state.networks[last];
        return undefined;
      }
      if (kind === 'network' && verb === 'connect') {
        const making: Making = { config: {}, host: {}, endpoint: {}, name: '', network: '' };
        const [network = '', name = ''] = readFlags(rest, making, {}, () => []);
        find(state, name).Networks[network] = making.endpoint;
        return undefined;
      }
      if (kind === 'network' && verb === 'disconnect') {
        const [network = '', name = ''] = rest.filter((word) => !word.startsWith('-'));
        delete find(state, name).Networks[network];
        return undefined;
      }
      throw new Refusal(`docker ${kind} ${verb}: unknown`);
    });
  }

  async #stop(words: readonly string[]): Promise<void> {
    const [name, grace] = [words.at(-1)!, Number(words[words.indexOf('-t') + 1]) * 1000];
    const turnMs = this.#change((state) => {
      const container = find(state, name);
      return container.clawSince === null ? 0 : (behaviourOf(state, container).turnMs ?? 0);
    });
    await wait(Math.min(turnMs, grace));
    this.#change((state) => {
      const container = find(state, name);
      if (container.status !== 'running') return;
      if (turnMs > 0)
        this.#store.record('events', { event: turnMs <= grace ? 'turn-ended' : 'turn-cut', id: container.Id });
      end(this.#store, container, turnMs <= grace ? 0 : 137, 'stopped');
    });
  }

  #exec([name = '', ...words]: readonly string[]): void {
    const answer = this.#change((state) => {
      const container = find(state, name);
      if (container.status !== 'running')
        throw new Refusal(`Error response from daemon: container ${name} is not running`);
      if (words.join(' ') === 'clay backup') {
        const file = `/app/data/backups/messages-${randomUUID()}.db`;
        this.#store.record('events', { event: 'backup', file });
        return file;
      }
      const stateNow = standbyOf(state, container);
      if (stateNow === 'checking') throw new Refusal('{"state":"checking"}', 75);
      return JSON.stringify({
        state: stateNow,
        pendingMigrations: behaviourOf(state, container).pendingMigrations ?? [],
      });
    });
    this.#say(answer);
  }

  #runOnce(words: readonly string[]): void {
    this.#change((state) => {
      const container = createContainer(state, this.#env, ['--name', `once-${randomUUID()}`, ...words]);
      this.#store.record('events', {
        event: 'run',
        image: container.Image,
        command: [...(container.Config.Entrypoint as string[]), ...((container.Config.Cmd ?? []) as string[])],
      });
      delete state.containers[container.Id];
    });
  }

  async #copy(words: readonly string[]): Promise<void> {
    const [source = '', target = ''] = words;
    const place = source === '-' ? target : source;
    const at = place.indexOf(':');
    const path = place.slice(at + 1).replace(/\/\.$/, '');
    const mount = this.#change((state) =>
      find(state, place.slice(0, at)).Mounts.find(({ Destination }) => Destination === path),
    );
    if (mount?.Name === undefined)
      throw new Refusal('Error response from daemon: container rootfs is marked read-only');
    const cwd = this.#store.volumeFolder(mount.Name);
    if (source === '-') await pipeline(this.#input, extract({ cwd, preserveOwner: false }));
    else await pipeline(create({ cwd }, ['.']), this.#output, { end: false });
  }
}

function find(state: FakeState, name: string): FakeContainer {
  const found = Object.values(state.containers).find(({ Id, Name }) => Name === `/${name}` || Id === name);
  if (found === undefined) throw new Refusal(`Error response from daemon: No such container: ${name}`);
  return found;
}

function requireFreeName(state: FakeState, name: string): void {
  if (Object.values(state.containers).some(({ Name }) => Name === `/${name}`))
    throw new Refusal(`Error response from daemon: Conflict. The container name "/${name}" is already in use.`);
}

function isLabelled(flags: readonly string[]) {
  const [key, value] = flags[flags.indexOf('--filter') + 1]!.replace(/^label=/, '').split('=') as [string, string?];
  return ({ Config }: FakeContainer): boolean => {
    const labels = (Config.Labels ?? {}) as Record<string, string>;
    return value === undefined ? Object.hasOwn(labels, key) : labels[key] === value;
  };
}

function inspect(state: FakeState, kind: string, name: string): unknown {
  if (kind === 'image') {
    const image = state.images[name] ?? Object.values(state.images).find(({ Id }) => Id === name);
    if (image === undefined) throw new Refusal(`Error response from daemon: No such image: ${name}`);
    return image;
  }
  if (kind === 'volume' || kind === 'network') {
    const found = (kind === 'volume' ? state.volumes : state.networks)[name];
    if (found === undefined) throw new Refusal(`Error response from daemon: get ${name}: no such ${kind}`);
    const joined = Object.values(state.containers).filter(
      ({ Networks, status }) => Networks[name] !== undefined && status === 'running',
    );
    return { ...found, Containers: Object.fromEntries(joined.map(({ Id, Name }) => [Id, { Name: Name.slice(1) }])) };
  }
  const { status, exitCode, clawSince, startedAt, log, Networks, ...container } = find(state, name);
  const running = status === 'running';
  const health = { Status: healthOf(state, find(state, name)) };
  return {
    ...container,
    State: { Status: status, Running: running, ExitCode: exitCode, Health: health },
    NetworkSettings: { Networks },
  };
}

function createContainer(state: FakeState, env: Environment, words: readonly string[]): FakeContainer {
  const making: Making = { config: {}, host: {}, endpoint: {}, name: '', network: 'default' };
  const [imageName = '', ...command] = readFlags(words, making, env, (file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
  const image = state.images[imageName] ?? Object.values(state.images).find(({ Id }) => Id === imageName);
  if (image === undefined) throw new Refusal(`Unable to find image '${imageName}' locally`, 125);
  requireFreeName(state, making.name);
  const { config, host, endpoint, network } = making;
  const Id = randomBytes(32).toString('hex');
  const networks = network === 'default' ? 'bridge' : network;
  const container: FakeContainer = {
    ...{ Id, Name: `/${making.name}`, Image: image.Id, Created: new Date().toISOString(), RestartCount: 0 },
    ...{
      status: 'created',
      exitCode: 0,
      startedAt: 0,
      clawSince: null,
      log: [],
      Mounts: [],
      HostConfig: { NetworkMode: network, ...host },
    },
    Networks: /^(host|none|container:.*)$/.test(network) ? {} : { [networks]: endpoint },
    Config: {
      Hostname: Id.slice(0, 12),
      ...ofImage(image.Config, config),
      Image: imageName,
      ...commandOf(image.Config, config, command),
    },
  };
  container.Mounts = mountsOf(state, host, image.Config);
  state.containers[Id] = container;
  return container;
}

/** The image says what the operator did not. */
function ofImage(image: Bag, own: Bag): Bag {
  const said = new Map(
    [...((image.Env ?? []) as string[]), ...((own.Env ?? []) as string[])].map((line) => [line.split('=')[0], line]),
  );
  return {
    ...image,
    ...own,
    Env: [...said.values()],
    Labels: { ...(image.Labels as object), ...(own.Labels as object) },
    ExposedPorts: { ...(image.ExposedPorts as object), ...(own.ExposedPorts as object) },
    Healthcheck:
      own.Healthcheck === undefined
        ? image.Healthcheck
        : { ...(image.Healthcheck as object), ...(own.Healthcheck as object) },
  };
}

function commandOf(image: Bag, own: Bag, command: readonly string[]): Bag {
  const Cmd = command.length > 0 ? command : own.Entrypoint === undefined ? image.Cmd : null;
  return { Cmd: Cmd ?? null, Entrypoint: own.Entrypoint ?? image.Entrypoint ?? null };
}

function mountsOf(state: FakeState, host: Bag, image: Bag): FakeContainer['Mounts'] {
  const binds = ((host.Binds ?? []) as string[]).map((bind) => {
    const [Source = '', Destination = '', mode = ''] = bind.split(':');
    const isBind = Source.startsWith('/');
    return {
      Type: isBind ? 'bind' : 'volume',
      ...(isBind ? {} : { Name: Source }),
      Source,
      Destination,
      RW: !mode.split(',').includes('ro'),
    };
  });
  const specs = ((host.Mounts ?? []) as { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[]).map(
    ({ Type, Source = '', Target, ReadOnly }) => {
      const Name = Type !== 'volume' ? '' : Source || randomBytes(32).toString('hex');
      return { Type, ...(Name === '' ? {} : { Name }), Source: Source || Name, Destination: Target, RW: !ReadOnly };
    },
  );
  const taken = [...binds, ...specs];
  const others = ((host.VolumesFrom ?? []) as string[]).flatMap((name) => find(state, name).Mounts);
  const asked = Object.keys((image.Volumes ?? {}) as Bag).filter(
    (path) => ![...taken, ...others].some(({ Destination }) => Destination === path),
  );
  const anonymous = asked.map((Destination) => {
    const Name = randomBytes(32).toString('hex');
    return { Type: 'volume', Name, Source: Name, Destination, RW: true };
  });
  const mounts = [...taken, ...others, ...anonymous];
  for (const { Type, Name } of mounts)
    if (Type === 'volume' && Name !== undefined) state.volumes[Name] ??= { Name, Labels: {} };
  return mounts;
}
