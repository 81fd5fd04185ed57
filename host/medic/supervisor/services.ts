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
  readonly onNews: (news: ServiceNews) => void;
}

const mostServices = 50;
const stopMs = 5_000;

/** The services of one life of a host: they end with it. */
export class Services {
  readonly #options: ServicesOptions;
  readonly #services = new Map<string, Service>();
  readonly #ending = new Set<Promise<void>>();

  /** Ends what a dead medic has left of this volume's services. */
  constructor(options: ServicesOptions) {
    this.#options = options;
    killOrphans(serviceVariable, options.dataFolder);
  }

  start(order: ServiceOrder): void {
    const { dataFolder, env, clock, random, onNews } = this.#options;
    if (this.#services.has(order.id)) return;
    if (this.#services.size >= mostServices) {
      const reason = `there are ${mostServices} services, and there may be no more`;
      onNews({ id: order.id, state: 'failed', pid: null, reason, lastWords: '', retryMs: null });
      return;
    }
    const service = new Service({
      order,
      env: { ...env, [serviceVariable]: dataFolder },
      clock,
      rules: serviceRules,
      random,
      stopMs,
      onNews,
    });
    this.#services.set(order.id, service);
    const ended = service.ended.finally(() => {
      this.#ending.delete(ended);
      if (this.#services.get(order.id) === service) this.#services.delete(order.id);
    });
    this.#ending.add(ended);
  }

  /** The name is free at once: what is asked for next under it is another service. */
  stop(id: string): void {
    this.#services.get(id)?.stop();
    this.#services.delete(id);
  }

  async stopAll(): Promise<void> {
    for (const service of this.#services.values()) service.stop();
    await Promise.all(this.#ending);
  }
}
