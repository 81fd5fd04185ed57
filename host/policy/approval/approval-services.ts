import { ClayError, type JsonObject } from '@clay/sdk';
import type { HostCapability } from '../../kernel/host-capabilities.ts';
import type { Approvals } from './approvals.ts';

/** `approvals.list` {} → {rules, open, standing}, and `approvals.revoke` {number}: for those who show them. */
export function approvalServices(
  approvals: Pick<Approvals, 'open' | 'standing'>,
  rules: readonly string[],
): readonly HostCapability[] {
  return [
    {
      kind: 'service',
      name: 'approvals.list',
      description: 'What waits for a yes, and which yeses stand: `{rules, open, standing}`.',
      parameters: null,
      details: { idempotent: true },
      run: () => ({
        rules: [...rules],
        open: approvals.open().map(({ id, text, askedAt, expiresAt }) => ({ id, text, askedAt, expiresAt })),
        standing: [...approvals.standing.list()],
      }),
    },
    {
      kind: 'service',
      name: 'approvals.revoke',
      description: 'Takes a standing yes back.',
      parameters: {
        type: 'object',
        properties: { number: { type: 'integer', minimum: 1 } },
        required: ['number'],
        additionalProperties: false,
      },
      run(args) {
        const number = Number((args as JsonObject).number);
        if (approvals.standing.revoke(number)) return null;
        throw new ClayError('NOT_FOUND', `No standing yes has the number ${number}.`);
      },
    },
  ];
}
