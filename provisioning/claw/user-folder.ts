import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ProvisioningError } from '../errors.ts';
import { writePrivate } from './private-file.ts';

const record = z.object({
  name: z.string(),
  tenant: z.uuid(),
  createdAt: z.string(),
  /** Of the host's loopback, for nginx; null: the router reaches the container by itself. */
  port: z.number().nullable(),
  /** When it was taken down with its data kept; null: it is meant to run. */
  deprovisionedAt: z.string().nullable(),
});

/** What the operator's side knows of a claw. Its state is Docker's to tell. */
export type ClawRecord = z.infer<typeof record>;

/** `<root>/users/<name>`: readable by the operator only. */
export class UserFolder {
  readonly path: string;

  constructor(root: string, username: string) {
    this.path = join(root, 'users', username);
  }

  get envFile(): string {
    return join(this.path, 'claw.env');
  }

  get composeFile(): string {
    return join(this.path, 'docker-compose.yml');
  }

  get #recordFile(): string {
    return join(this.path, 'claw.json');
  }

  read(): ClawRecord | null {
    if (!existsSync(this.#recordFile)) return null;
    const read = record.safeParse(JSON.parse(readFileSync(this.#recordFile, 'utf8')));
    if (read.success) return read.data;
    throw new ProvisioningError('BAD_VALUE', `${this.#recordFile} is damaged: ${z.prettifyError(read.error)}`);
  }

  write(claw: ClawRecord): void {
    writePrivate(this.#recordFile, `${JSON.stringify(claw, null, 2)}\n`);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Every claw that the operator's side knows, by name. */
export function allRecords(root: string): readonly ClawRecord[] {
  const folder = join(root, 'users');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => new UserFolder(root, name).read() ?? []);
}
