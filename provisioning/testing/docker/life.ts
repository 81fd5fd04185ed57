import type { Behaviour, FakeContainer, FakeState, FakeStore } from './state.ts';

const dataPath = '/app/data';

export function behaviourOf(state: FakeState, container: FakeContainer): Behaviour {
  return Object.values(state.images).find(({ Id }) => Id === container.Image)?.behaviour ?? {};
}

export function environmentOf(container: FakeContainer): Map<string, string> {
  const lines = (container.Config.Env ?? []) as string[];
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

function dataOf(container: FakeContainer): string | undefined {
  return container.Mounts.find(({ Destination }) => Destination === dataPath)?.Name;
}

/** Lets happen what time has brought: preflights end, volumes that became free are taken, what is ill ends. */
export function evolve(store: FakeStore, state: FakeState, now = Date.now()): void {
  for (const container of Object.values(state.containers)) {
    if (container.status !== 'running') continue;
    const behaviour = behaviourOf(state, container);
    if (standbyOf(state, container, now) === 'failed') end(store, container, 3, '{"event":"preflight","ok":false}');
    else if (standbyOf(state, container, now) === 'waiting' && holderOf(state, container) === null)
      begin(store, container, now);
    if (
      container.clawSince !== null &&
      behaviour.endsAfterMs !== undefined &&
      now - container.clawSince >= behaviour.endsAfterMs
    )
      end(store, container, 1, 'it died of itself');
  }
}

export function standbyOf(
  state: FakeState,
  container: FakeContainer,
  now = Date.now(),
): 'checking' | 'waiting' | 'failed' | 'claw' {
  const { bootMs = 0, failsPreflight } = behaviourOf(state, container);
  if (container.clawSince !== null) return 'claw';
  if (now - container.startedAt < bootMs) return 'checking';
  return failsPreflight ? 'failed' : 'waiting';
}

export function healthOf(state: FakeState, container: FakeContainer, now = Date.now()): string {
  const { bootMs = 0, unhealthyAfterMs } = behaviourOf(state, container);
  if (container.status !== 'running' || container.clawSince === null) return 'starting';
  if (now - container.startedAt < bootMs) return 'starting';
  return unhealthyAfterMs !== undefined && now - container.clawSince >= unhealthyAfterMs ? 'unhealthy' : 'healthy';
}

/** Who has the data of this container; one that is no claw's has no data to be had. */
function holderOf(state: FakeState, container: FakeContainer): FakeContainer | null {
  const data = dataOf(container);
  if (data === undefined) return null;
  const others = Object.values(state.containers).filter((other) => other !== container && other.clawSince !== null);
  return others.find((other) => other.status === 'running' && dataOf(other) === data) ?? null;
}

export function start(store: FakeStore, state: FakeState, container: FakeContainer): string | null {
  if (container.status === 'running') return null;
  const ports = Object.values(
    (container.HostConfig.PortBindings ?? {}) as Record<string, { HostPort: string }[]>,
  ).flat();
  for (const other of Object.values(state.containers)) {
    if (other === container || other.status !== 'running') continue;
    const taken = Object.values((other.HostConfig.PortBindings ?? {}) as Record<string, { HostPort: string }[]>).flat();
    const clash = ports.find(({ HostPort }) => HostPort !== '' && taken.some((port) => port.HostPort === HostPort));
    if (clash !== undefined)
      return `driver failed programming external connectivity: Bind for 127.0.0.1:${clash.HostPort} failed: port is already allocated`;
  }
  Object.assign(container, { status: 'running', startedAt: Date.now(), clawSince: null, exitCode: 0 });
  if (environmentOf(container).has('CLAY_STANDBY')) return null;
  if (behaviourOf(state, container).failsPreflight) end(store, container, 1, 'it cannot start');
  else if (holderOf(state, container) !== null) end(store, container, 1, 'the volume is held by another host');
  else begin(store, container, Date.now());
  return null;
}

export function end(store: FakeStore, container: FakeContainer, exitCode: number, line: string): void {
  if (container.clawSince !== null)
    store.record('events', { event: 'claw-ends', id: container.Id, data: dataOf(container), exitCode });
  Object.assign(container, { status: 'exited', exitCode, clawSince: null });
  container.log.push(line);
}

function begin(store: FakeStore, container: FakeContainer, now: number): void {
  container.clawSince = now;
  container.log.push('{"event":"claw"}');
  store.record('events', { event: 'claw-begins', id: container.Id, data: dataOf(container) });
}
