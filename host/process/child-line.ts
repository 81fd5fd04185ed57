import type { ChildProcess, StdioOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import { type ByteStreams, lineDescriptors } from '@clay/sdk/wire';

/** Of a process that speaks with the host: no input, its output and errors, and a pipe for each way of the line. */
export const childStdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] as const satisfies StdioOptions;

/** The host's end of the line to such a process. */
export function lineOf({ stdio }: ChildProcess): ByteStreams & { readonly readable: Socket } {
  const writable = stdio[lineDescriptors.fromHost] as Socket;
  const readable = stdio[lineDescriptors.toHost] as Socket;
  // Nothing comes by it; but its end is only seen by who reads.
  writable.resume();
  return { readable, writable };
}
