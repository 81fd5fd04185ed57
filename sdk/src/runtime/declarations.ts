import type { Call } from '../call.ts';
import type {
  AgentDefinition,
  ChannelDefinition,
  CommandDefinition,
  ExternalAgentDefinition,
  LeaseDefinition,
  OutgoingPart,
  ProbeDefinition,
  PromptDefinition,
  ReadOnly,
  RouteDefinition,
  RouteRequest,
  ScheduleDefinition,
  ServiceDefinition,
  ToolDefinition,
  TurnView,
} from '../capability.ts';
import { ClayError } from '../errors.ts';
import type { Json, JsonObject, JsonSchema } from '../json.ts';
import { parseWith, toJsonSchema } from '../schema/parameters.ts';
import type { Schema } from '../schema/schema.ts';
import type { Migration } from '../store.ts';
import { type Declaration, fullName } from '../wire/message.ts';

/** What runs when the host calls a capability. Arguments are already checked. */
export interface Handler {
  readonly capability: string;
  readonly run: (args: Json, call: Call) => unknown;
}

const noParameters: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };
const defaultTimeoutMs = 60_000;
const toolName = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/;
const commandName = /^[a-z][a-z0-9-]*$/;
const agentName = /^[a-zA-Z_$][\w$]*$/;
const plainName = /^[a-z][a-zA-Z0-9_.-]{0,63}$/;

/** Collects what `setup` declares: the data for the host, and the handlers that stay here. */
export class Declarations {
  readonly #plugin: string;
  readonly capabilities: Declaration[] = [];
  readonly handlers = new Map<string, Handler>();
  readonly leases = new Map<string, LeaseDefinition>();
  readonly migrations: Migration[] = [];

  constructor(plugin: string) {
    this.#plugin = plugin;
  }

  tool<S extends Schema>(definition: ToolDefinition<S>): void {
    const { name, description, parameters, run } = definition;
    requireName('tool', name, toolName);
    const details = {
      parallel: definition.parallel ?? true,
      idempotent: definition.idempotent ?? false,
      readOnly: readOnlyData(definition.readOnly),
      redact: [...(definition.redact ?? [])],
      timeoutMs: definition.timeoutMs ?? defaultTimeoutMs,
      ...(definition.effect !== undefined && { effect: definition.effect }),
      ...(definition.foreign !== undefined && { foreign: definition.foreign }),
    };
    this.#add(
      { kind: 'tool', name, description, parameters: schemaOf(parameters, `The parameters of tool:${name}`), details },
      async (args, call) => run((await parsed(parameters, args, `tool:${name}`)) as Parameters<typeof run>[0], call),
    );
  }

  agent(definition: AgentDefinition): void {
    const data = agentData(definition);
    this.#add(
      {
        kind: 'agent',
        name: definition.name,
        description: definition.description,
        parameters: null,
        details: { definition: data, parent: null },
      },
      runOf(definition),
    );
    for (const nested of externalsWithin(definition)) {
      this.#add(
        {
          kind: 'agent',
          name: nested.name,
          description: nested.description,
          parameters: null,
          details: { definition: agentData(nested), parent: definition.name },
        },
        runOf(nested),
      );
    }
  }

  channel({ name, deliver }: ChannelDefinition): void {
    requireName('channel', name, plainName);
    this.#add({ kind: 'channel', name, description: '', parameters: null, details: {} }, (args, call) =>
      deliver(args as unknown as OutgoingPart, call),
    );
  }

  command({ name, description, run }: CommandDefinition): void {
    requireName('command', name, commandName);
    this.#add({ kind: 'command', name, description, parameters: null, details: {} }, (args, call) =>
      run(String((args as JsonObject).argument ?? ''), call),
    );
  }

  event(event: string, handler: (payload: Json, call: Call) => unknown): void {
    const count = this.capabilities.filter((one) => one.kind === 'event' && one.details.event === event).length;
    this.#add(
      { kind: 'event', name: `${event}/${count + 1}`, description: '', parameters: null, details: { event } },
      async (payload, call) => {
        await handler(payload, call);
      },
    );
  }

  route({ method, path, access, handle }: RouteDefinition): void {
    if (!path.startsWith('/'))
      throw new ClayError('BAD_ARGUMENTS', `The path of a route must start with "/", not ${JSON.stringify(path)}.`);
    this.#add(
      {
        kind: 'route',
        name: `${method} ${path}`,
        description: '',
        parameters: null,
        details: { method, path, access },
      },
      (args, call) => handle(args as unknown as RouteRequest, call),
    );
  }

  prompt({ name, placement, order, render }: PromptDefinition): void {
    requireName('prompt', name, plainName);
    this.#add(
      { kind: 'prompt', name, description: '', parameters: null, details: { placement, order: order ?? 100 } },
      (args, call) => render(args as unknown as TurnView, call),
    );
  }

  schedule({ name, cron, everyMs, run }: ScheduleDefinition): void {
    requireName('schedule', name, plainName);
    if ((cron === undefined) === (everyMs === undefined)) {
      throw new ClayError('BAD_ARGUMENTS', `The schedule "${name}" needs exactly one of cron and everyMs.`);
    }
    if (everyMs !== undefined && !(everyMs >= 1000)) {
      throw new ClayError('BAD_ARGUMENTS', `The schedule "${name}" must wait at least 1000 ms, not ${everyMs}.`);
    }
    const details: JsonObject = cron === undefined ? { everyMs: everyMs! } : { cron };
    this.#add({ kind: 'schedule', name, description: '', parameters: null, details }, (_, call) => run(call));
  }

  service({ name, methods }: ServiceDefinition): void {
    requireName('service', name, plainName);
    for (const [method, definition] of Object.entries(methods)) {
      const { description, parameters, redact = [], run } = definition;
      const hidden = redact.length === 0 ? {} : { redact: [...redact] };
      const details = { service: name, method, idempotent: definition.idempotent ?? false, ...hidden };
      const schema = schemaOf(parameters, `The parameters of service:${name}.${method}`);
      this.#add(
        { kind: 'service', name: `${name}.${method}`, description, parameters: schema, details },
        async (args, call) =>
          run((await parsed(parameters, args, `service:${name}.${method}`)) as Parameters<typeof run>[0], call),
      );
    }
  }

  probe({ name, timeoutMs, run }: ProbeDefinition): void {
    requireName('probe', name, plainName);
    this.#add(
      { kind: 'probe', name, description: '', parameters: null, details: { timeoutMs: timeoutMs ?? 5_000 } },
      async (_, call) => {
        await run(call);
      },
    );
  }

  lease(definition: LeaseDefinition): void {
    if (this.leases.has(definition.name))
      throw new ClayError('CONFLICT', `The lease "${definition.name}" is declared twice.`);
    this.leases.set(definition.name, definition);
  }

  addMigrations(steps: readonly Migration[]): void {
    for (const step of steps) {
      if (this.migrations.some(({ id }) => id === step.id))
        throw new ClayError('CONFLICT', `The migration "${step.id}" is declared twice.`);
      this.migrations.push({ id: step.id, sql: step.sql });
    }
  }

  #add(declaration: Declaration, run: Handler['run']): void {
    const capability = fullName(declaration.kind, this.#plugin, declaration.name);
    if (this.handlers.has(capability))
      throw new ClayError('CONFLICT', `The plugin "${this.#plugin}" declares ${capability} twice.`);
    if (typeof declaration.description !== 'string') {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The description of ${capability} must be text, not ${typeof declaration.description}.`,
      );
    }
    this.handlers.set(capability, { capability, run });
    this.capabilities.push(declaration);
  }
}

function readOnlyData(readOnly: ReadOnly = false): boolean | JsonObject {
  if (typeof readOnly === 'boolean') return readOnly;
  return Object.fromEntries(Object.entries(readOnly).map(([name, values]) => [name, [...values]]));
}

function schemaOf(parameters: Schema | undefined, what: string): JsonSchema {
  return parameters === undefined ? noParameters : toJsonSchema(parameters, what);
}

function parsed(parameters: Schema | undefined, args: Json, capability: string): Promise<unknown> {
  return parseWith(parameters ?? noParameters, args, `The arguments of ${capability}`);
}

function requireName(kind: string, name: string, pattern: RegExp): void {
  if (typeof name === 'string' && pattern.test(name)) return;
  throw new ClayError('BAD_ARGUMENTS', `The ${kind} name ${JSON.stringify(name)} must match ${pattern.source}.`);
}

/** The definition without its functions: what the host builds the tree from. */
function agentData(definition: AgentDefinition): JsonObject {
  requireName('agent', definition.name, agentName);
  switch (definition.type) {
    case 'llm':
      return {
        ...definition,
        ...(definition.tools === undefined ? {} : { tools: [...definition.tools] }),
        ...(definition.delegates === undefined ? {} : { delegates: [...definition.delegates] }),
      };
    case 'external':
      return { type: 'external', name: definition.name, description: definition.description };
    case 'sequence':
    case 'parallel':
    case 'loop': {
      const { agents, caps, gate, ...rest } = definition;
      return {
        ...rest,
        agents: agents.map(agentData),
        ...(caps && { caps: { ...caps } }),
        ...(gate && { gate: [...gate] }),
      };
    }
  }
}

function externalsWithin(definition: AgentDefinition): ExternalAgentDefinition[] {
  if (!('agents' in definition)) return [];
  return definition.agents.flatMap((agent) => (agent.type === 'external' ? [agent] : externalsWithin(agent)));
}

function runOf(definition: AgentDefinition): Handler['run'] {
  if (definition.type === 'external')
    return (args, call) => definition.run(String((args as JsonObject).task ?? ''), call);
  return () => {
    throw new ClayError('REFUSED', `agent:${definition.name} is run by the host from its definition, not called.`);
  };
}
