import type { ProcessEnd } from '../../process/watched-process.ts';

/** Whether a lane ended for want of memory: Node aborts when its heap is full, and a script has no other way to make it. */
export function isMemoryEnd({ reason, signal }: ProcessEnd): boolean {
  return reason === 'memory' || signal === 'SIGABRT';
}
