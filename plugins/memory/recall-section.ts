import { cutText } from './cut-text.ts';
import { type Memory, memoryTypes } from './memory.ts';
import type { MemoryStore } from './memory-store.ts';
import { parseSqlTime } from './sql-time.ts';

const recalledMemories = 3;
const recalledCharacters = 300;
const snapshotCharacters = 1000;
const recentMemories = 3;
const recentCharacters = 500;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * What comes to the agent's mind with a message: its newest build snapshot, the memories that share words with the message, and
 * at a heartbeat also what it last did.
 */
export async function recallSection(memories: MemoryStore, message: string, now: number): Promise<string | null> {
  const sections = [await snapshotSection(memories), await associations(memories, message, now)];
  if (message.startsWith('[HEARTBEAT]')) sections.push(await lastSession(memories), await recent(memories, now));
  const present = sections.filter((section) => section !== null);
  return present.length === 0 ? null : present.join('\n\n');
}

async function snapshotSection(memories: MemoryStore): Promise<string | null> {
  const snapshot = await memories.latest(memoryTypes.buildSnapshot);
  return snapshot === undefined ? null : section('BUILD SNAPSHOT', [cutText(snapshot.content, snapshotCharacters)]);
}

async function associations(memories: MemoryStore, message: string, now: number): Promise<string | null> {
  const found = await memories.associate(message, recalledMemories + 1);
  // The snapshot has its own section.
  const lines = found
    .filter((memory) => memory.type !== memoryTypes.buildSnapshot)
    .slice(0, recalledMemories)
    .map((memory) => `- ${cutText(memory.content, recalledCharacters)} (${age(memory, now)})`);
  return lines.length === 0 ? null : section('ASSOCIATIVE RECALL', lines);
}

async function lastSession(memories: MemoryStore): Promise<string | null> {
  const continuation = await memories.latest(memoryTypes.continuation);
  return continuation === undefined ? null : section('YOUR LAST SESSION', [continuation.content]);
}

async function recent(memories: MemoryStore, now: number): Promise<string | null> {
  const newest = await memories.recent(recentMemories);
  const lines = newest.map((memory) => `- ${cutText(memory.content, recentCharacters)} (${age(memory, now)})`);
  return lines.length === 0 ? null : section('RECENT MEMORIES', lines);
}

function section(title: string, lines: readonly string[]): string {
  return `--- ${title} ---\n${lines.join('\n')}`;
}

/** By calendar days in UTC. */
function age(memory: Memory, now: number): string {
  const time = parseSqlTime(memory.created_at);
  if (time === null) return 'some time ago';
  const days = Math.floor(now / dayMs) - Math.floor(time / dayMs);
  return days <= 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
}
