import type { Log, ManifestService } from '@clay/sdk';
import type { ServiceNews, ServiceState } from '../supervisor/messages.ts';
import type { Pulse } from './connect-pulse.ts';

export interface PluginServicesOptions {
  readonly pulse: Pick<Pulse, 'isSupervised' | 'startService' | 'stopService' | 'onService'>;
  readonly log: Log;
}

/** What the generation of a plugin that serves now wants beside it. */
export interface WantedServices {
  readonly plugin: string;
  readonly services: readonly ManifestService[];
  /** Effective, not declared: each service needs `spawn:` and its program. */
  readonly permissions: readonly string[];
  /** Where they run. */
  readonly folder: string;
}

export interface ServiceStatus {
  readonly plugin: string;
  readonly name: string;
  /** `asked`: the medic has not answered yet. `refused`: a permission or the medic itself is missing. */
  readonly state: ServiceState | 'asked' | 'refused';
  readonly reason: string;
  readonly lastWords: string;
}

interface Kept {
  readonly plugin: string;
  readonly service: ManifestService;
  /** Everything that makes another process of it. */
  readonly identity: string;
  status: ServiceStatus;
}

/** The services of all plugins: a swap that leaves a service as it is does not touch its process. */
export class PluginServices {
  readonly #options: PluginServicesOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: PluginServicesOptions) {
    this.#options = options;
    options.pulse.onService((news) => this.#hear(news));
  }

  /** Makes it so: at every flip, forth and back, and with no services when the plugin serves no more. */
  want(wanted: WantedServices): void {
    const { pulse } = this.#options;
    const { plugin, services, folder } = wanted;
    for (const [id, kept] of this.#kept) {
      if (kept.plugin !== plugin) continue;
      const same = services.find(({ name }) => name === kept.service.name);
      if (same !== undefined && identityOf(same, folder) === kept.identity && kept.status.state !== 'refused') continue;
      pulse.stopService(id);
      this.#kept.delete(id);
    }
    for (const service of services) {
      const id = `${plugin}/${service.name}`;
      if (!this.#kept.has(id)) this.#start(id, service, wanted);
    }
  }

  list(): readonly ServiceStatus[] {
    return [...this.#kept.values()].map(({ status }) => status);
  }

  #start(id: string, service: ManifestService, { plugin, permissions, folder }: WantedServices): void {
    const { pulse, log } = this.#options;
    const refusal = this.#refusalOf(service, permissions);
    const status: ServiceStatus = {
      plugin,
      name: service.name,
      state: refusal === null ? 'asked' : 'refused',
      reason: refusal ?? '',
      lastWords: '',
    };
    this.#kept.set(id, { plugin, service, identity: identityOf(service, folder), status });
    if (refusal === null)
      pulse.startService({ id, command: service.command, environment: service.environment, folder });
    else log.warn('service.refused', { plugin, service: service.name, reason: refusal });
  }

  #refusalOf({ name, command: [program = ''] }: ManifestService, permissions: readonly string[]): string | null {
    const permission = `spawn:${program}`;
    if (!permissions.includes(permission))
      return `The service "${name}" starts ${program}, which needs the permission ${permission}: declare it in plugin.json, or ask a person to grant it.`;
    if (!this.#options.pulse.isSupervised)
      return `The service "${name}" needs the medic, which did not start this host. Start the claw with "npm start".`;
    return null;
  }

  #hear({ id, state, reason, lastWords, pid, retryMs }: ServiceNews): void {
    const kept = this.#kept.get(id);
    // Of one that was stopped meanwhile, perhaps for another of its name.
    if (kept === undefined || state === 'stopped') return;
    const { plugin, service } = kept;
    kept.status = { plugin, name: service.name, state, reason, lastWords };
    const { log } = this.#options;
    if (state === 'running') log.info('service.running', { plugin, service: service.name, pid });
    else log.warn(`service.${state}`, { plugin, service: service.name, reason, retryMs, lastWords });
  }
}

function identityOf({ command, environment }: ManifestService, folder: string): string {
  return JSON.stringify([command, Object.entries(environment).sort(), folder]);
}
