import { BaseLlmRequestProcessor, type Event, type InvocationContext, type LlmRequest } from '../adk.ts';
import { buildContents } from '../contents/build-contents.ts';
import { ForeignResults } from '../contents/foreign-results.ts';
import type { Content } from '../event-json.ts';
import type { TurnScope } from '../turns/turn-scope.ts';

export interface ConversationOptions {
  readonly agent: string;
  readonly system: string;
  /** Of a delegated agent, in the place of the conversation. */
  readonly task: string | undefined;
  /** Whether the turn's sections ride behind the person's message. */
  readonly hasSections: boolean;
}

/** What one agent sends to the model: made from the live window before every call. */
export class Conversation extends BaseLlmRequestProcessor {
  readonly #scope: TurnScope;
  readonly #options: ConversationOptions;
  readonly #contexts = new WeakMap<LlmRequest, InvocationContext>();
  readonly #task: Content | undefined;
  readonly #foreign: ForeignResults;
  #withSections: { readonly plain: Content; readonly full: Content } | undefined;

  constructor(scope: TurnScope, options: ConversationOptions) {
    super();
    this.#scope = scope;
    this.#options = options;
    this.#foreign = new ForeignResults(scope.parts.registry, () => scope.live.events);
    this.#task = options.task === undefined ? undefined : { role: 'user', parts: [{ text: options.task }] };
  }

  // biome-ignore lint/correctness/useYield: the engine's interface wants a generator.
  override async *runAsync(context: InvocationContext, request: LlmRequest): AsyncGenerator<Event, void, void> {
    this.#contexts.set(request, context);
    if (this.#task === undefined) await this.#scope.parts.compactor.compactWhenFull(this.#scope);
  }

  view(request: LlmRequest): { readonly system: string; readonly contents: Content[] } {
    const context = this.#contexts.get(request);
    const { live } = this.#scope;
    const { agent, system } = this.#options;
    const mark = this.#foreign.mark.bind(this.#foreign);
    const view = { agent, branch: context?.branch, isolationScope: context?.isolationScope, mark };
    const contents = buildContents(live.events, view).map((content) => this.#addSections(content));
    if (this.#task !== undefined) return { system, contents: [this.#task, ...contents] };
    if (live.summary === null) return { system, contents };
    return { system, contents: [summaryContent(live.summary), ...contents] };
  }

  /** False when nothing could be summarised. */
  async compactNow(_signal: AbortSignal): Promise<boolean> {
    return this.#task === undefined && (await this.#scope.parts.compactor.compact(this.#scope));
  }

  /** The sections are in the request only: what is stored, and with it the cached prefix, stays as it was. */
  #addSections(content: Content): Content {
    const { message } = this.#scope.sections;
    if (!this.#options.hasSections || message.length === 0 || content !== this.#scope.userContent()) return content;
    if (this.#withSections?.plain !== content) {
      const parts = [...(content.parts ?? []), ...message.map((text) => ({ text }))];
      this.#withSections = { plain: content, full: { ...content, parts } };
    }
    return this.#withSections.full;
  }
}

function summaryContent(summary: string): Content {
  return { role: 'user', parts: [{ text: `[Summary of the conversation before this point]\n${summary}` }] };
}
