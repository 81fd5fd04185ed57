import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runAdmin } from '../index.ts';
import type { PatchTiming } from '../patch/patch.ts';
import { FakeDocker } from './docker/fake-docker.ts';
import { type Bag, type Behaviour, FakeStore } from './docker/state.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** As in earnest, but in milliseconds. */
export const quickTiming: PatchTiming = { standbyMs: 4_000, bootMs: 4_000, healthMs: 400, pollMs: 10, graceSeconds: 2 };

/** What the image of the project says of itself. */
const imageConfig: Bag = {
  User: '10001:10001',
  Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'CLAY_ROOT=/app', 'CLAY_HOST=0.0.0.0'],
  Entrypoint: ['tini', '-g', '--', 'clay', 'container'],
  Labels: { 'org.opencontainers.image.version': '0.1.0' },
  Healthcheck: { Test: ['CMD', '/opt/clay/health'], Interval: 5e9, Retries: 3, StartPeriod: 120e9 },
  StopSignal: 'SIGTERM',
  WorkingDir: '/app',
  ExposedPorts: { '8080/tcp': {} },
};

/** A host of its own for a test: an empty root, and a recording Docker. */
export class TestHost implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'clay-provisioning-'));
  readonly root = join(this.folder, 'claw');
  readonly store = new FakeStore(join(this.folder, 'docker'));
  readonly docker = new FakeDocker(this.store.folder);
  readonly env: Record<string, string>;

  constructor(env: Readonly<Record<string, string>> = {}) {
    const nginx = join(this.folder, 'nginx');
    mkdirSync(nginx);
    this.env = {
      PATH: process.env.PATH ?? '',
      CLAW_ROOT: this.root,
      CLAW_NGINX: nginx,
      CLAW_ROUTER: 'none',
      FAKE_DOCKER: this.store.folder,
      DOCKER: this.program(
        'docker',
        `exec '${process.execPath}' '${join(import.meta.dirname, 'docker', 'main.ts')}' "$@"`,
      ),
      ...env,
    };
    this.addImage('clay:latest');
  }

  /** A program of the host that is a line of shell. */
  program(name: string, line: string): string {
    const file = join(this.folder, `${name}.sh`);
    writeFileSync(file, `#!/bin/sh\n${line}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  addImage(name: string, behaviour: Behaviour = {}, config: Bag = {}): string {
    const Id = `sha256:${randomBytes(32).toString('hex')}`;
    this.store.change((state) => {
      state.images[name] = { Id, RepoTags: [name], Config: { ...imageConfig, ...config }, behaviour };
    });
    return Id;
  }

  async admin(argv: readonly string[], input = '', env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const [output, error] = [new PassThrough(), new PassThrough()];
    const told = [text(output), text(error)] as const;
    const code = await runAdmin({
      argv,
      env: { ...this.env, ...env },
      input: Readable.from([input]),
      docker: this.docker,
      output,
      error,
      timing: quickTiming,
    });
    output.end();
    error.end();
    return { code, out: await told[0], err: await told[1] };
  }

  /** As {@link admin}, for what must succeed. */
  async must(...argv: readonly string[]): Promise<string> {
    const { code, out, err } = await this.admin(argv);
    if (code !== 0) throw new Error(`clay admin ${argv.join(' ')} ended with ${code}: ${err}${out}`);
    return out;
  }

  /** What Docker tells of a container, or undefined. */
  container(name: string) {
    return Object.values(this.store.read().containers).find(({ Name }) => Name === `/${name}`);
  }

  get containers(): readonly string[] {
    return Object.values(this.store.read().containers)
      .map(({ Name }) => Name.slice(1))
      .sort();
  }

  get calls(): readonly (readonly string[])[] {
    return this.store.recorded('calls') as string[][];
  }

  events(name: string): readonly Bag[] {
    return (this.store.recorded('events') as Bag[]).filter(({ event }) => event === name);
  }

  userFile(username: string, name: string): string {
    const file = join(this.root, 'users', username, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  put(volume: string, name: string, content: string): void {
    writeFileSync(join(this.store.volumeFolder(volume), name), content);
  }

  read(volume: string, name: string): string {
    return readFileSync(join(this.store.volumeFolder(volume), name), 'utf8');
  }

  /** Whether two ever had one volume at once. */
  get hadTwoHosts(): boolean {
    const holders = new Map<unknown, unknown>();
    for (const { event, id, data } of this.store.recorded('events') as Bag[]) {
      if (event === 'claw-begins' && holders.get(data) !== undefined) return true;
      if (event === 'claw-begins') holders.set(data, id);
      if (event === 'claw-ends' && holders.get(data) === id) holders.delete(data);
    }
    return false;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
