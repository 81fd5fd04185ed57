import { z } from '../../schema.ts';
import type { App } from '../fastify.ts';
import { parseBody } from '../parse-body.ts';
import type { Revocations } from './revocations.ts';

const revocationRequest = z.union([
  z.strictObject({ token: z.string().min(1).describe('The jti of one token.') }),
  z.strictObject({ subject: z.string().min(1).describe('The sub whose tokens until now are meant.') }),
]);

/** Ends signed tokens before their time. */
export function addRevocationRoutes(app: App, revocations: Revocations): void {
  app.get(
    '/api/admin/revocations',
    { config: { access: 'control', about: 'Signed tokens that are refused, while they could still be good.' } },
    () => revocations.list(),
  );

  app.post(
    '/api/admin/revocations',
    {
      config: {
        access: 'control',
        about: 'Refuses one signed token, or all that a subject has been given so far.',
        body: revocationRequest,
      },
    },
    (request) => {
      const asked = parseBody(revocationRequest, request.body);
      return 'token' in asked
        ? revocations.add({ kind: 'token', name: asked.token })
        : revocations.add({ kind: 'subject', name: asked.subject });
    },
  );
}
