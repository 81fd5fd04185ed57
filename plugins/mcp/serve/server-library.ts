/** All of the protocol's library that serves clients, so that one module knows it. */
export {
  type CallToolResult,
  createMcpHandler,
  type McpHttpHandler,
  Server,
  type Tool,
} from '@modelcontextprotocol/server';
