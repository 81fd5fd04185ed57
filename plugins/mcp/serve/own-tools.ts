import { type Call, type Context, type Json, type JsonObject, toFailure } from '@clay/sdk';
import type { McpConfig } from '../config.ts';

interface OwnTool extends JsonObject {
  readonly name: string;
  readonly plugin: string;
  readonly description: string;
  readonly parameters: JsonObject | null;
}

export interface ExposedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly type: 'object' } & JsonObject;
}

/** A result as clients of the protocol read it. */
export interface ExposedResult {
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly isError?: true;
  readonly structuredContent?: Record<string, unknown>;
}

/** The claw's own tools as clients see them: those that the operator does not withhold. */
export class OwnTools {
  readonly #ctx: Pick<Context<McpConfig>, 'call' | 'config'>;

  constructor(ctx: Pick<Context<McpConfig>, 'call' | 'config'>) {
    this.#ctx = ctx;
  }

  async list(): Promise<readonly ExposedTool[]> {
    const tools = (await this.#ctx.call('service:tools.list', {})) as unknown as readonly OwnTool[];
    return tools
      .filter(({ name }) => this.#isExposed(name))
      .map(({ name, description, parameters }) => ({
        name,
        description,
        inputSchema: { ...(parameters ?? { additionalProperties: false }), type: 'object' },
      }));
  }

  /** A failure is a result too: the model on the other side shall read it. */
  async run(name: string, args: Json, call: Call, timeoutMs: number): Promise<ExposedResult> {
    if (!this.#isExposed(name)) return failed({ error: `There is no tool "${name}".`, code: 'CAPABILITY_UNKNOWN' });
    try {
      const value = await this.#ctx.call(
        'service:tools.call',
        { name, arguments: args },
        { signal: call.signal, timeoutMs },
      );
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      return { content: [{ type: 'text', text }], ...(isObject ? { structuredContent: { ...value } } : {}) };
    } catch (error) {
      return failed({ ...toFailure(error) });
    }
  }

  #isExposed(name: string): boolean {
    const { only, never } = this.#ctx.config.expose;
    return (only?.includes(name) ?? true) && !never.includes(name);
  }
}

function failed(failure: JsonObject): ExposedResult {
  return { content: [{ type: 'text', text: JSON.stringify(failure) }], isError: true };
}
