import type { CallSession, Json, StreamEvent } from '@clay/sdk';

/** The one way to use a capability. Resolves the name at the time of the call, journals, checks the arguments, waits. */
export interface Router {
  /** The capability's value; throws `ClayError`. */
  call(request: CallRequest): Promise<Json>;
  /** The events of a streaming capability (an external agent), then its value by `return`; throws `ClayError`. */
  stream(request: CallRequest): AsyncGenerator<StreamEvent, Json, void>;
  /** Calls under way now. */
  readonly active: number;
}

export interface CallRequest {
  /** Full name, such as `tool:memory`. */
  readonly capability: string;
  readonly args: Json;
  /** `agent:clay`, `plugin:tasks`, `http`, `schedule`, `host`. */
  readonly caller: string;
  /**
   * The same for every retry of this call, such as the model's function-call id with its turn. A repeated key returns
   * the stored result, or `CALL_OUTCOME_UNKNOWN` when the first try died with its process. Default: none stored.
   */
  readonly key?: string;
  /** Of the journal row. Default: made. */
  readonly id?: string;
  /** Id of the call within which this one is made. */
  readonly parent?: string;
  /** Default: the capability's own, else 60,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly session?: CallSession | null;
  readonly onProgress?: (text: string) => void;
}
