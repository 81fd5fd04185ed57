/** Why a port cannot be had, and what to do. */
export function explainListenError(error: NodeJS.ErrnoException, host: string, port: number, variable: string): string {
  const place = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${place} is in use by another program, perhaps another claw. Stop it, or set ${variable} to another port (0 picks a free one).`;
    case 'EACCES':
      return `This user may not listen on ${place}: ports below 1024 need a privilege. Set ${variable} to a higher port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Set CLAY_HOST to 127.0.0.1, 0.0.0.0 or one of its addresses.`;
    default:
      return `Cannot listen on ${place}: ${error.message}`;
  }
}
