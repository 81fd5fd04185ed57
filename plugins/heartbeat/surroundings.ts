import { createHash } from 'node:crypto';
import { ClayError, type Context, type Json, toFailure } from '@clay/sdk';
import { jsonField } from './json-field.ts';

const recentDays = 2;
const maxRecent = 10;
const continuationDays = 30;

/** What a heartbeat is about. What nobody provides is left out. */
export interface Surroundings {
  /** Of all that a heartbeat would tell the model, without the ages that change by themselves. */
  readonly fingerprint: string;
  readonly activeTasks: number;
}

type Caller = Pick<Context, 'call'>;

export async function look(ctx: Caller): Promise<Surroundings> {
  const [tasks, notes, continuation, memories] = await Promise.all([
    ask(ctx, 'service:tasks.list', {}),
    ask(ctx, 'service:soul.read', { filename: 'HEARTBEAT.md' }),
    ask(ctx, 'service:memory.recall', { type: 'continuation', days: continuationDays, limit: 1 }),
    ask(ctx, 'service:memory.recall', { days: recentDays, limit: maxRecent }),
  ]);
  const about = JSON.stringify([jsonField(tasks, 'tasks'), notes, idsOf(continuation), idsOf(memories)]);
  const total = jsonField(tasks, 'total');
  return {
    fingerprint: createHash('sha256').update(about).digest('hex'),
    activeTasks: typeof total === 'number' ? total : 0,
  };
}

/** Where the agent stopped, and what it has learned lately; null when there is neither. */
export async function lastSession(ctx: Caller): Promise<string | null> {
  const [continuation, memories] = await Promise.all([
    ask(ctx, 'service:memory.recall', { type: 'continuation', days: continuationDays, limit: 1 }),
    ask(ctx, 'service:memory.recall', { days: recentDays, limit: maxRecent }),
  ]);
  const last = contentsOf(continuation);
  const recent = contentsOf(memories).filter((content) => !last.includes(content));
  const sections = [
    last.length === 0 ? '' : `--- YOUR LAST SESSION ---\n${last[0]}`,
    recent.length === 0 ? '' : `--- RECENT MEMORIES ---\n${recent.map((content) => `- ${cut(content)}`).join('\n')}`,
  ].filter((section) => section !== '');
  return sections.length === 0 ? null : sections.join('\n\n');
}

async function ask({ call }: Caller, capability: string, args: Json): Promise<Json> {
  try {
    return await call(capability, args);
  } catch (error) {
    const { code } = toFailure(error);
    // The plugin is not there, or has no such file yet.
    if (code === 'CAPABILITY_UNKNOWN' || code === 'NOT_FOUND') return null;
    throw new ClayError(code, `${capability} failed: ${toFailure(error).error}`, { cause: error });
  }
}

function memoriesOf(value: Json): readonly Json[] {
  const memories = jsonField(value, 'memories');
  return Array.isArray(memories) ? memories : [];
}

function idsOf(value: Json): Json {
  return memoriesOf(value).map((memory) => jsonField(memory, 'id'));
}

function contentsOf(value: Json): readonly string[] {
  return memoriesOf(value).map((memory) => String(jsonField(memory, 'content') ?? ''));
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 300).toWellFormed()}…`;
}
