/** Names the pipe to a host, and whether its output ends at a terminal, which it cannot see by itself. */
export const pulseVariable = 'CLAY_PULSE';
