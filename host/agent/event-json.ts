/** The shapes of the ADK API as plain JSON (camel case), which is also what the store keeps. */

export interface Content {
  role?: string;
  parts?: Part[];
}

export interface Part {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: FunctionCall;
  functionResponse?: FunctionResponse;
  inlineData?: { mimeType?: string; data?: string; displayName?: string };
  fileData?: { mimeType?: string; fileUri?: string; displayName?: string };
}

export interface FunctionCall {
  id?: string;
  name?: string;
  args?: Record<string, unknown>;
}

export interface FunctionResponse {
  id?: string;
  name?: string;
  response?: Record<string, unknown>;
}

export interface EventJson {
  id: string;
  /** The turn's id. */
  invocationId: string;
  /** `user`, or the name of an agent. */
  author?: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  content?: Content;
  /** A piece of a text that is being written; never stored. */
  partial?: boolean;
  actions: EventActionsJson;
  longRunningToolIds?: string[];
  /** Set by agents that run side by side. */
  branch?: string;
  /** Set on the events of a delegated task: the id of the `delegate` call. */
  isolationScope?: string;
  finishReason?: string;
  usageMetadata?: UsageJson;
  modelVersion?: string;
  errorCode?: string;
  errorMessage?: string;
  customMetadata?: Record<string, unknown>;
}

export interface EventActionsJson {
  stateDelta: Record<string, unknown>;
  artifactDelta: Record<string, number>;
  requestedAuthConfigs?: Record<string, unknown>;
  requestedToolConfirmations?: Record<string, unknown>;
  transferToAgent?: string;
  escalate?: boolean;
  skipSummarization?: boolean;
}

/** Tokens of one model call. `promptTokenCount` holds the cached ones too. */
export interface UsageJson {
  promptTokenCount?: number;
  candidatesTokenCount?: number;
  totalTokenCount?: number;
  cachedContentTokenCount?: number;
  thoughtsTokenCount?: number;
}

export interface SessionJson {
  id: string;
  appName: string;
  userId: string;
  state: Record<string, unknown>;
  events: EventJson[];
  /** Seconds since the epoch, as the ADK web UI wants it. */
  lastUpdateTime: number;
}
