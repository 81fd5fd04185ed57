import type { App } from './fastify.ts';

/** Answers of the API are data: a browser may do nothing with them. Pages of ours set a policy of their own. */
const policyOfData = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] };

/** The headers that keep a browser from doing more with an answer than was meant. */
export async function addSecurityHeaders(app: App): Promise<void> {
  const { default: helmet } = await import('@fastify/helmet');
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policyOfData },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Whether there is TLS in front is the proxy's business, and a claw at localhost must stay reachable without.
    strictTransportSecurity: false,
  });
}
