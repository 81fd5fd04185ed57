export { type Checked, checkJson, type Problem } from '../schema/json-schema.ts';
export { badArguments, isStandardSchema, toJsonSchema } from '../schema/parameters.ts';
export { copyJson } from './copy.ts';
export { encodeFrame, FrameDecoder, maxBlobs, maxFrameBytes, type RawFrame } from './frame.ts';
export {
  type CallOut,
  cancelGraceMs,
  HostConnection,
  type HostConnectionHandlers,
  type ServedAnswer,
  type ServedRequest,
  streamCredit,
} from './host-connection.ts';
export { createMemoryPorts } from './memory-port.ts';
export * from './message.ts';
export type { Port } from './port.ts';
export { secretPlaceholder, secretPlaceholders } from './secret-placeholder.ts';
export { packResults, packStatements, unpackResults, unpackStatements } from './sql-blobs.ts';
export { type ByteStreams, createHostStreamPort, createPluginStreamPort, maxUnreadBytes } from './stream-port.ts';
export { parseHostMessage, parsePluginMessage } from './validate.ts';
