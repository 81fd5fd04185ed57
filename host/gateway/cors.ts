import type { App } from './fastify.ts';

const preflightSeconds = 600;

/** Lets pages of the named origins use the claw with a token. Cookies stay where they belong: no credentials are taken. */
export async function addCors(app: App, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  const { default: cors } = await import('@fastify/cors');
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id'],
    exposedHeaders: ['retry-after', 'x-clay-turn'],
    maxAge: preflightSeconds,
  });
}
