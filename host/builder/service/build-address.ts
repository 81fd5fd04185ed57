import { ClayError } from '@clay/sdk';
import { isLoopbackAddress } from '../../gateway/guard.ts';

export interface BuildAddress {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly isLoopback: boolean;
}

const loopback = '127.0.0.1';

/** `BUILD_ADDR`: `HOST:PORT`, or `:PORT` for this machine only. */
export function parseBuildAddress(text: string): BuildAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new ClayError(
      'BAD_ARGUMENTS',
      `BUILD_ADDR is ${JSON.stringify(text)}; it must be HOST:PORT or :PORT, such as :9090 or 0.0.0.0:9090.`,
    );
  const host = (match[1] ?? match[2]) || loopback;
  return { host, port, isLoopback: isLoopbackAddress(host) };
}
