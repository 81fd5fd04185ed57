import { ClayError } from '@clay/sdk';
import { dataOf, superseded } from '../build-error.ts';

export interface QueueLimits {
  /** Jobs that run at once. */
  readonly concurrent: number;
  /** Of one tenant. */
  readonly concurrentPerTenant: number;
  /** Jobs that wait. */
  readonly waiting: number;
  /** Of one tenant. */
  readonly waitingPerTenant: number;
}

export interface Ticket {
  readonly tenant: string;
  readonly plugin: string;
  readonly signal: AbortSignal | undefined;
}

interface Job {
  readonly ticket: Ticket;
  readonly start: () => void;
  readonly refuse: (error: ClayError) => void;
}

/** A client that waits this long finds a place more often than not: most jobs take less than a second. */
const retryAfterSeconds = 2;

/**
 * Who may build now. The jobs of one plugin run one after another; of those that wait only the newest is worth running.
 * Tenants take turns, so that a long queue of one is a wait for that one alone.
 */
export class BuildQueue {
  readonly #limits: QueueLimits;
  readonly #waiting = new Map<string, Job[]>();
  readonly #running = new Map<string, Set<string>>();
  #runningCount = 0;
  /** When each tenant that is here had its last turn: who has waited longest is next. */
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Runs `work` when its turn has come. */
  run<T>(ticket: Ticket, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (ticket.signal?.aborted) return reject(notStarted(ticket));
      const onAbort = () => {
        this.#remove(job);
        reject(notStarted(ticket));
      };
      const job: Job = {
        ticket,
        start: () => {
          ticket.signal?.removeEventListener('abort', onAbort);
          work()
            .finally(() => this.#release(ticket))
            .then(resolve, reject);
        },
        refuse: (error) => {
          ticket.signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      try {
        this.#admit(job);
      } catch (error) {
        return reject(error);
      }
      ticket.signal?.addEventListener('abort', onAbort, { once: true });
      this.#next();
    });
  }

  #admit(job: Job): void {
    const { tenant, plugin } = job.ticket;
    const mine = this.#waiting.get(tenant) ?? [];
    const older = mine.findIndex(({ ticket }) => ticket.plugin === plugin);
    if (older >= 0) {
      mine[older]!.refuse(superseded(plugin));
      mine[older] = job;
      return;
    }
    const { waiting, waitingPerTenant } = this.#limits;
    if (mine.length >= waitingPerTenant)
      throw full('waitingPerTenant', waitingPerTenant, `${mine.length} jobs of this tenant wait already`);
    const all = [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0);
    if (all >= waiting) throw full('waiting', waiting, `${all} jobs wait already`);
    mine.push(job);
    this.#waiting.set(tenant, mine);
  }

  #next(): void {
    while (this.#runningCount < this.#limits.concurrent) {
      const job = this.#pick();
      if (job === null) return;
      const { tenant, plugin } = job.ticket;
      const mine = this.#running.get(tenant) ?? new Set();
      this.#running.set(tenant, mine.add(plugin));
      this.#runningCount += 1;
      job.start();
    }
  }

  #pick(): Job | null {
    const tenants = [...this.#waiting.keys()].sort((a, b) => this.#lastTurn(a) - this.#lastTurn(b));
    for (const tenant of tenants) {
      const running = this.#running.get(tenant);
      if ((running?.size ?? 0) >= this.#limits.concurrentPerTenant) continue;
      const job = this.#waiting.get(tenant)?.find(({ ticket }) => running?.has(ticket.plugin) !== true);
      if (job === undefined) continue;
      this.#remove(job);
      this.#turn += 1;
      this.#lastTurns.set(tenant, this.#turn);
      return job;
    }
    return null;
  }

  #lastTurn(tenant: string): number {
    return this.#lastTurns.get(tenant) ?? 0;
  }

  #remove(job: Job): void {
    const { tenant } = job.ticket;
    const rest = (this.#waiting.get(tenant) ?? []).filter((other) => other !== job);
    if (rest.length > 0) this.#waiting.set(tenant, rest);
    else this.#waiting.delete(tenant);
  }

  #release({ tenant, plugin }: Ticket): void {
    const mine = this.#running.get(tenant)!;
    mine.delete(plugin);
    if (mine.size === 0) this.#running.delete(tenant);
    this.#runningCount -= 1;
    this.#next();
    if (!this.#running.has(tenant) && !this.#waiting.has(tenant)) this.#lastTurns.delete(tenant);
  }
}

/** How long a client should wait, when an error says that the queue is full. */
export function retryAfterOf(error: unknown): number | null {
  const seconds = dataOf(error).retryAfterSeconds;
  return typeof seconds === 'number' ? seconds : null;
}

function full(limit: string, most: number, why: string): ClayError {
  const message = `The build queue is full: ${why} (limit ${limit} is ${most}). Try again in ${retryAfterSeconds} s.`;
  return new ClayError('UNAVAILABLE', message, { data: { limit, retryAfterSeconds } });
}

function notStarted({ plugin }: Ticket): ClayError {
  return new ClayError('CANCELLED', `The job of plugin "${plugin}" was cancelled before it began.`);
}
