export { type Checked, checkJson, type Problem } from '../schema/json-schema.ts';
export { badArguments, isStandardSchema, toJsonSchema } from '../schema/parameters.ts';
export { clawPath } from './claw-path.ts';
export { copyJson } from './copy.ts';
export { encodeFrame, FrameDecoder, maxBlobs, maxFrameBytes, type RawFrame } from './frame.ts';
export {
  HostConnection,
  type HostConnectionHandlers,
  type ServedAnswer,
  type ServedRequest,
} from './host-connection.ts';
export { createMemoryPorts } from './memory-port.ts';
export * from './message.ts';
export { lineDescriptors, openLine } from './open-line.ts';
export { type CallOut, cancelGraceMs, type OpenCall, streamCredit } from './outgoing-calls.ts';
export type { Framed, Port } from './port.ts';
export { secretPlaceholder, secretPlaceholders } from './secret-placeholder.ts';
export * as shape from './shape.ts';
export { packResults, packStatements, unpackResults, unpackStatements } from './sql-blobs.ts';
export {
  type ByteStreams,
  createHostStreamPort,
  createPluginStreamPort,
  createStreamPort,
  maxUnreadBytes,
} from './stream-port.ts';
export { parseHostMessage, parsePluginMessage } from './validate.ts';
