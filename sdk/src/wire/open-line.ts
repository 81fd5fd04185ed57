import { Socket } from 'node:net';
import type { ByteStreams } from './stream-port.ts';

/** Where the host puts the two pipes of a line, beside the three standard ones: what it says, and what it is told. */
export const lineDescriptors = { fromHost: 3, toHost: 4 } as const;

/**
 * Opens a process's own end of the line to the host. A pipe each way: of one that carries both, the host would lose what
 * it has not yet read as soon as it writes to a process that has died.
 */
export function openLine(): ByteStreams {
  return {
    readable: new Socket({ fd: lineDescriptors.fromHost, readable: true, writable: false }),
    writable: new Socket({ fd: lineDescriptors.toHost, readable: false, writable: true }),
  };
}
