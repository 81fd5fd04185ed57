/**
 * The one door to `@google/adk`. The production bundle puts `dist/esm/common.js` in its place (no A2A, databases,
 * telemetry exporters or MCP: half the start time), so only what that file exports may pass here; a test checks it.
 */

export type {
  Context as ToolContext,
  CreateSessionRequest,
  DeleteSessionRequest,
  Event,
  GetSessionRequest,
  InvocationContext,
  ListSessionsRequest,
  ListSessionsResponse,
  LlmRequest,
  LlmResponse,
  Logger as AdkLogger,
  RunAsyncToolRequest,
  Session,
} from '@google/adk';
export {
  BaseAgent,
  BaseLlm,
  BaseLlmRequestProcessor,
  BasePlugin,
  BaseSessionService,
  BaseTool,
  BaseToolset,
  createEvent,
  LlmAgent,
  LoopAgent,
  ParallelAgent,
  Runner,
  SequentialAgent,
  StreamingMode,
  setLogger,
} from '@google/adk';
