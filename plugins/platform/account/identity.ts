import type { Context } from '@clay/sdk';
import { z } from 'zod';

const publicShape = z.object({ publicKey: z.string(), fingerprint: z.string() });
const signShape = z.object({ signature: z.string() });

/** Who the claw is. The private key is the host's: a plugin has things signed. */
export interface Identity {
  /** `publicKey` is PEM; `fingerprint` the hex SHA-256 of the raw key. */
  show(): Promise<z.infer<typeof publicShape>>;
  /** Bytes and signature in base64. */
  sign(bytes: string): Promise<string>;
}

export function hostIdentity({ call }: Pick<Context, 'call'>): Identity {
  return {
    show: async () => publicShape.parse(await call('service:identity.public', {})),
    sign: async (bytes) => signShape.parse(await call('service:identity.sign', { bytes })).signature,
  };
}
