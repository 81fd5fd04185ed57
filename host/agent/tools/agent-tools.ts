import type { JsonObject } from '@clay/sdk';
import type { Capability } from '../../registry/registry.ts';
import { BaseTool, BaseToolset, type RunAsyncToolRequest } from '../adk.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import { artifactRead } from './artifact-read.ts';
import type { ControlTool } from './control-tool.ts';
import type { HostTool } from './host-tool.ts';
import { createRunCall } from './run-call.ts';
import { failureResponse, refusal } from './tool-response.ts';
import { ToolSteps } from './tool-steps.ts';

export interface AgentToolsOptions {
  /** Names of the plugins' tools that the agent may use. Default: all. */
  readonly allowed?: readonly string[] | undefined;
  /** Beside `artifact_read`. */
  readonly hostTools: readonly HostTool[];
  readonly controlTools: readonly ControlTool[];
}

/**
 * The tools of one agent. The engine asks before every model call, so what was loaded a moment ago is offered, and what is
 * gone is not.
 */
export class AgentTools extends BaseToolset {
  readonly #scope: TurnScope;
  readonly #options: AgentToolsOptions;
  readonly #hostTools: ReadonlyMap<string, HostTool>;
  readonly #steps: ToolSteps;
  #tools: BaseTool[] = [];
  #version: number | undefined;

  constructor(scope: TurnScope, options: AgentToolsOptions) {
    super([]);
    this.#scope = scope;
    this.#options = options;
    this.#hostTools = new Map([artifactRead, ...options.hostTools].map((tool) => [tool.name, tool]));
    const { registry } = scope.parts;
    this.#steps = new ToolSteps({
      committed: () => scope.live.events,
      signal: scope.signal,
      run: createRunCall(scope, { names: () => this.names(), hostTool: (name) => this.#hostTool(name) }),
      isParallel: (name) => {
        const own = this.#hostTools.get(name);
        return own ? own.isParallel : registry.get(`tool:${name}`)?.details.parallel !== false;
      },
      isControl: (name) => options.controlTools.some((tool) => tool.name === name),
    });
  }

  names(): string[] {
    return this.#current().map((tool) => tool.name);
  }

  override async getTools(): Promise<BaseTool[]> {
    return this.#current();
  }

  /** The engine closes every toolset at the end of every run; ours has nothing to close. */
  override async close(): Promise<void> {}

  /**
   * The engine throws on a name that is not in its table, and calls the model again with the same history, for ever. This
   * table has every name: unknown ones are answered to the model.
   */
  tolerant(tools: Record<string, BaseTool>): Record<string, BaseTool> {
    return new Proxy(tools, {
      has: (_target, name) => typeof name === 'string',
      get: (target, name) => (typeof name === 'string' ? (ownTool(target, name) ?? this.#offer(name)) : undefined),
    });
  }

  #hostTool(name: string): HostTool | undefined {
    const tool = this.#hostTools.get(name);
    return (tool?.isOffered?.() ?? true) ? tool : undefined;
  }

  #current(): BaseTool[] {
    const { registry } = this.#scope.parts;
    if (this.#version === registry.version) return this.#tools;
    const reserved = new Set([...this.#hostTools.keys(), ...this.#options.controlTools.map((tool) => tool.name)]);
    const offered = registry.list('tool').filter((tool) => !reserved.has(tool.name) && this.#isAllowed(tool.name));
    this.#tools = [
      ...offered.map((tool) => this.#offer(tool.name, tool)),
      ...[...this.#hostTools.values()]
        .filter((tool) => tool.isOffered?.() ?? true)
        .map((tool) => this.#offer(tool.name, tool)),
      ...this.#options.controlTools,
    ];
    this.#version = registry.version;
    return this.#tools;
  }

  #isAllowed(name: string): boolean {
    return this.#options.allowed?.includes(name) ?? true;
  }

  #offer(name: string, tool?: Pick<Capability, 'description' | 'parameters'>): BaseTool {
    return new OfferedTool(name, tool?.description ?? '', tool?.parameters ?? {}, this.#steps);
  }
}

function ownTool(tools: Record<string, BaseTool>, name: string): BaseTool | undefined {
  return Object.hasOwn(tools, name) ? tools[name] : undefined;
}

class OfferedTool extends BaseTool {
  readonly #parameters: JsonObject;
  readonly #steps: ToolSteps;

  constructor(name: string, description: string, parameters: JsonObject, steps: ToolSteps) {
    super({ name, description });
    this.#parameters = parameters;
    this.#steps = steps;
  }

  override _getDeclaration() {
    return { name: this.name, description: this.description, parametersJsonSchema: this.#parameters };
  }

  override async runAsync({ toolContext }: RunAsyncToolRequest): Promise<unknown> {
    const { functionCallId, invocationContext } = toolContext;
    if (functionCallId === undefined) return refusal('INTERNAL', `A call of ${this.name} came without an id.`);
    return this.#steps.result(functionCallId, invocationContext).catch(failureResponse);
  }
}
