/** All of the protocol's library that speaks to servers, so that one module knows it. */
export {
  type CallToolResult,
  Client,
  type ClientOptions,
  type ContentBlock,
  type FetchLike,
  type JSONRPCMessage,
  ProtocolError,
  ReadBuffer,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  serializeMessage,
  type Tool,
  type Transport,
} from '@modelcontextprotocol/client';
