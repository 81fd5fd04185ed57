import { ClayError, type Json, type JsonObject, type JsonSchema, type Log } from '@clay/sdk';
import type { CallOut } from '@clay/sdk/wire';
import type { Settings } from '../store/store.ts';
import type { HostCapability } from './host-capabilities.ts';
import type { Kernel } from './kernel.ts';
import type { OfferedTool } from './offered-tool.ts';

export interface ToolServicesOptions {
  readonly kernel: Pick<Kernel, 'offer' | 'plugins' | 'registry' | 'router'>;
  readonly settings: Settings;
  /** Of each plugin in `clay.json`. */
  readonly sections: Readonly<Record<string, JsonObject>>;
  readonly log: Log;
}

/** What plugins that ship do with tools beside declaring them. */
export interface ToolServices {
  readonly capabilities: readonly HostCapability[];
  /** Offers again what was offered before this start. After the kernel has started. */
  restore(): void;
}

/** What a plugin offered last; another host has to know it before the plugin runs, which may sleep until it is called. */
interface Offer extends JsonObject {
  readonly via: string;
  /** Full name of the service that finds out anew what there is to offer. */
  readonly refresh: string;
  /** More is to be found out than is known. */
  readonly isPartial: boolean;
  readonly tools: readonly OfferedTool[];
}

interface KeptOffer extends Offer {
  /** What it followed from. */
  readonly section: string;
}

/** For a plugin that asks others what they have. */
const refreshMs = 300_000;

const settingPrefix = 'tools.offered.';
const maxTools = 1000;

const toolSchema: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', pattern: '^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$' },
    description: { type: 'string', maxLength: 10_000 },
    parameters: { type: 'object' },
    timeoutMs: { type: 'integer', minimum: 1, default: 60_000 },
  },
  required: ['name', 'description', 'parameters'],
  additionalProperties: false,
};

const offerSchema: JsonSchema = {
  type: 'object',
  properties: {
    via: { type: 'string', pattern: '^service:' },
    refresh: { type: 'string', pattern: '^service:' },
    isPartial: { type: 'boolean', default: false },
    tools: { type: 'array', items: toolSchema, maxItems: maxTools },
  },
  required: ['via', 'refresh', 'tools'],
  additionalProperties: false,
};

const callSchema: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, arguments: { type: 'object', default: {} } },
  required: ['name'],
  additionalProperties: false,
};

export function toolServices({ kernel, settings, sections, log }: ToolServicesOptions): ToolServices {
  const sectionOf = (plugin: string) => JSON.stringify(sections[plugin] ?? {});
  /** Its name, where it ships: others declare what they provide, and use what their manifest names. */
  const requireShipped = (caller: string): string => {
    const plugin = caller.replace(/^plugin:/, '');
    const isShipped = kernel.plugins().some(({ name, origin }) => name === plugin && origin === 'image');
    if (isShipped) return plugin;
    throw new ClayError(
      'REFUSED',
      `"${caller}" cannot do this: only a plugin that ships can. Declare tools by ctx.tool.`,
    );
  };

  const offer = (args: Json, { caller }: CallOut): Json => {
    const plugin = requireShipped(caller);
    const made = args as Offer;
    for (const name of [made.via, made.refresh]) {
      if (name.startsWith(`service:${plugin}.`)) continue;
      throw new ClayError('BAD_ARGUMENTS', `"via" and "refresh" must be services of "${plugin}" itself, not ${name}.`);
    }
    const taken = kernel.offer(plugin, made.via, made.tools);
    settings.set(settingPrefix + plugin, { ...made, section: sectionOf(plugin) });
    return { taken: [...taken].map(([fullName, owner]) => ({ name: fullName.replace(/^tool:/, ''), owner })) };
  };

  return {
    capabilities: [
      {
        kind: 'service',
        name: 'tools.offer',
        description: 'Offers tools that the plugin has learnt of, in place of those that it offered before.',
        parameters: offerSchema,
        details: { idempotent: true },
        run: offer,
      },
      {
        kind: 'service',
        name: 'tools.list',
        description: 'Every tool of every plugin.',
        parameters: null,
        run(_args, { caller }) {
          requireShipped(caller);
          return kernel.registry
            .list('tool')
            .map(({ name, plugin, description, parameters }) => ({ name, plugin, description, parameters }));
        },
      },
      {
        kind: 'service',
        name: 'tools.call',
        description: 'Uses a tool in the name of the plugin, outside of a conversation.',
        parameters: callSchema,
        // The tool's own row has them, but for those that it hides.
        details: { redact: ['arguments'] },
        run(args, { caller, timeoutMs, signal, onProgress }) {
          const plugin = requireShipped(caller);
          const { name, arguments: given = {} } = args as JsonObject;
          return kernel.router.call({
            capability: `tool:${name}`,
            args: given,
            caller: plugin,
            timeoutMs,
            session: null,
            ...(signal === undefined ? {} : { signal }),
            ...(onProgress === undefined ? {} : { onProgress }),
          });
        },
      },
    ],
    restore() {
      for (const { name, origin } of kernel.plugins()) {
        const last = settings.get(settingPrefix + name) as KeptOffer | undefined;
        if (last === undefined || origin !== 'image') continue;
        const taken = kernel.offer(name, last.via, last.tools);
        log.debug('tools.offered', { plugin: name, tools: last.tools.length, taken: [...taken.keys()] });
        if (last.section === sectionOf(name) && !last.isPartial) continue;
        kernel.router
          .call({ capability: last.refresh, args: {}, caller: 'host', timeoutMs: refreshMs })
          .catch((error) => log.warn('tools.refresh.failed', { plugin: name, error: String(error) }));
      }
    },
  };
}
