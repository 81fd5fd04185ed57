/** Names the pipes of a host to its medic, and whether its output ends at a terminal, which it cannot see by itself. */
export const pulseVariable = 'CLAY_PULSE';

/** Numbers of the descriptors that the host reads from and writes to. */
export function pulseAddress(readFd: number, writeFd: number, isTerminal: boolean): string {
  return `${readFd},${writeFd}${isTerminal ? ',terminal' : ''}`;
}
