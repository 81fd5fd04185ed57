import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@clay/sdk';
import type { ServiceNews, ServiceOrder } from './messages.ts';
import { killOrphans } from './orphans.ts';
import { Service, serviceRules, serviceVariable } from './service.ts';

export interface ServicesOptions {
  /** Of the volume whose plugins want them: names them for a medic that comes after this one. */
  readonly dataFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
}

type Listener = (news: ServiceNews) => void;

interface Kept {
  readonly order: ServiceOrder;
  readonly service: Service;
  /** By the host that runs now. */
  isWanted: boolean;
  news: ServiceNews | null;
}

const mostServices = 50;
const stopMs = 5_000;
/** For a new host to ask for what the one before it had. */
const graceMs = 15_000;

/**
 * The services of a volume. They outlive a host that dies: what they hold, such as messages that nobody has fetched yet, is
 * there for its successor, which asks for them again.
 */
export class Services {
  readonly #options: ServicesOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #ending = new Set<Promise<void>>();
  #onNews: Listener = () => {};
  #cancelSweep: () => void = () => {};

  /** Ends what a dead medic has left of this volume's services. */
  constructor(options: ServicesOptions) {
    this.#options = options;
    killOrphans(serviceVariable, options.dataFolder);
  }

  /** A host has come that holds the volume, and hears of its services from now on. */
  serve(onNews: Listener): void {
    this.leave();
    this.#onNews = onNews;
    for (const kept of this.#kept.values()) kept.isWanted = false;
    this.#cancelSweep = this.#options.clock.after(graceMs, () => this.#sweep());
  }

  /** That host is gone. */
  leave(): void {
    this.#cancelSweep();
    this.#onNews = () => {};
  }

  start(order: ServiceOrder): void {
    const known = this.#kept.get(order.id);
    if (known !== undefined && isDeepStrictEqual(known.order, order)) {
      if (!known.isWanted && known.news !== null) this.#onNews(known.news);
      known.isWanted = true;
      return;
    }
    if (known?.isWanted) return;
    this.stop(order.id);
    if (this.#kept.size >= mostServices) {
      const reason = `there are ${mostServices} services, and there may be no more`;
      this.#onNews({ id: order.id, state: 'failed', pid: null, reason, lastWords: '', retryMs: null });
      return;
    }
    this.#start(order);
  }

  /** The name is free at once: what is asked for next under it is another service. */
  stop(id: string): void {
    this.#kept.get(id)?.service.stop();
    this.#kept.delete(id);
  }

  async stopAll(): Promise<void> {
    this.leave();
    for (const { service } of this.#kept.values()) service.stop();
    await Promise.all(this.#ending);
  }

  #start(order: ServiceOrder): void {
    const { dataFolder, env, clock, random } = this.#options;
    let early: ServiceNews | null = null;
    let kept: Kept | null = null;
    const service = new Service({
      order,
      env: { ...env, [serviceVariable]: dataFolder },
      clock,
      rules: serviceRules,
      random,
      stopMs,
      onNews: (news) => {
        if (kept === null) early = news;
        else kept.news = news;
        this.#onNews(news);
      },
    });
    kept = { order, service, isWanted: true, news: early };
    this.#kept.set(order.id, kept);
    const ended = service.ended.finally(() => {
      this.#ending.delete(ended);
      if (this.#kept.get(order.id)?.service === service) this.#kept.delete(order.id);
    });
    this.#ending.add(ended);
  }

  #sweep(): void {
    for (const [id, { isWanted }] of this.#kept) if (!isWanted) this.stop(id);
  }
}
