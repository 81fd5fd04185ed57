import { sign } from 'node:crypto';
import { ClayError, type JsonObject } from '@clay/sdk';
import type { HostCapability } from '../kernel/host-capabilities.ts';
import type { KeyPair } from './key-pair.ts';

/** A proof of who one is takes a nonce or a digest; nobody has documents signed here. */
const maxSignedBytes = 4096;

/**
 * What plugins may do with the claw's identity: show it, and prove it. The private key stays in the host. Who may call:
 * a plugin of the image that names it in its manifest; anybody else with the permission `call:service:identity.sign`, which
 * no plugin has unless the operator grants it.
 */
export function identityServices({ privateKey, publicPem, fingerprint }: KeyPair): readonly HostCapability[] {
  return [
    {
      kind: 'service',
      name: 'identity.public',
      description: 'Who the claw is: `{publicKey, fingerprint}`, the key as PEM.',
      parameters: { type: 'object', properties: {}, additionalProperties: false },
      details: { idempotent: true },
      run: () => ({ publicKey: publicPem, fingerprint }),
    },
    {
      kind: 'service',
      name: 'identity.sign',
      description: 'Signs bytes (base64) with the claw’s Ed25519 key: `{signature}`, in base64.',
      parameters: {
        type: 'object',
        properties: { bytes: { type: 'string', pattern: '^[A-Za-z0-9+/]+={0,2}$' } },
        required: ['bytes'],
        additionalProperties: false,
      },
      // Ed25519 gives the same signature for the same bytes.
      details: { idempotent: true },
      run: (args) => {
        const bytes = Buffer.from(String((args as JsonObject).bytes), 'base64');
        if (bytes.length === 0 || bytes.length > maxSignedBytes)
          throw new ClayError(
            'BAD_ARGUMENTS',
            `identity.sign signs 1 to ${maxSignedBytes} bytes, not ${bytes.length}.`,
          );
        return { signature: sign(null, bytes, privateKey).toString('base64') };
      },
    },
  ];
}
