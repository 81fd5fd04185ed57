import type { App } from './fastify.ts';

/** `request.cookies` and `reply.setCookie`. */
export async function addCookies(app: App): Promise<void> {
  const { default: cookie } = await import('@fastify/cookie');
  await app.register(cookie);
}
