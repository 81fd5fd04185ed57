import type { Container, Healthcheck, Image } from './inspect.ts';

/** What follows from `Config` for `docker create`. `command` stands after the image. */
export interface ConfigFlags {
  readonly flags: readonly string[];
  readonly command: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * What the operator said, and not what the old image had said itself: a variable, label or command of the old image must not
 * outlive it in the container of a new one.
 */
export function configFlags({ Config: config, Id }: Container, image: Image | null): ConfigFlags {
  const given = image?.Config ?? {};
  const { Hostname, Domainname, User, WorkingDir, StopSignal, StopTimeout, Healthcheck: health } = config;
  const [entrypoint, ...entrypointRest] = isSame(config.Entrypoint, given.Entrypoint) ? [] : (config.Entrypoint ?? []);
  // Whoever sets an entrypoint loses the image's command, so that both go together.
  const isOwnCommand = entrypoint !== undefined || !isSame(config.Cmd, given.Cmd);
  return {
    flags: [
      ...(Hostname && !Id.startsWith(Hostname) ? ['--hostname', Hostname] : []),
      ...(Domainname ? ['--domainname', Domainname] : []),
      ...(User && User !== given.User ? ['--user', User] : []),
      ...(WorkingDir && WorkingDir !== given.WorkingDir ? ['--workdir', WorkingDir] : []),
      ...(StopSignal && StopSignal !== given.StopSignal ? ['--stop-signal', StopSignal] : []),
      ...(StopTimeout == null ? [] : ['--stop-timeout', String(StopTimeout)]),
      ...(config.Tty ? ['--tty'] : []),
      ...(config.OpenStdin ? ['--interactive'] : []),
      ...(health && !isSame(health, given.Healthcheck) ? healthFlags(health, given.Healthcheck ?? {}) : []),
      ...Object.keys(config.ExposedPorts ?? {})
        .filter((port) => given.ExposedPorts?.[port] === undefined)
        .flatMap((port) => ['--expose', port]),
      ...Object.entries(config.Labels ?? {})
        .filter(([key, value]) => given.Labels?.[key] !== value)
        .flatMap(([key, value]) => ['--label', `${key}=${value}`]),
      ...(entrypoint === undefined ? [] : ['--entrypoint', entrypoint]),
    ],
    command: isOwnCommand ? [...entrypointRest, ...(config.Cmd ?? [])] : [],
    environment: new Map(
      (config.Env ?? []).filter((line) => !given.Env?.includes(line)).map((line) => splitAt(line, '=')),
    ),
  };
}

function healthFlags(health: Healthcheck, given: Healthcheck): readonly string[] {
  const [kind, ...words] = health.Test ?? [];
  if (kind === 'NONE') return ['--no-healthcheck'];
  const duration = (flag: string, ns: number | null | undefined) => (ns ? [flag, `${ns}ns`] : []);
  return [
    ...(kind === undefined || isSame(health.Test, given.Test)
      ? []
      : ['--health-cmd', kind === 'CMD-SHELL' ? (words[0] ?? '') : words.map(shellQuote).join(' ')]),
    ...duration('--health-interval', health.Interval),
    ...duration('--health-timeout', health.Timeout),
    ...duration('--health-start-period', health.StartPeriod),
    ...duration('--health-start-interval', health.StartInterval),
    ...(health.Retries ? ['--health-retries', String(health.Retries)] : []),
  ];
}

/** `--health-cmd` is always given to a shell, in the container. */
function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

export function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
