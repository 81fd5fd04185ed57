import type { AddressInfo } from 'node:net';
import { ClayError } from '@clay/sdk';
import { addAdkApi } from './adk/api.ts';
import { addAdminRoutes } from './admin.ts';
import { addApiDocs } from './api-docs.ts';
import { Revocations } from './auth/revocations.ts';
import { addRevocationRoutes } from './auth/routes.ts';
import { createTokenVerifier } from './auth/token-verifier.ts';
import { addCookies } from './cookies.ts';
import { addCors } from './cors.ts';
import { addDeployRoutes } from './deploy.ts';
import { Drain } from './drain.ts';
import { addEntrance } from './entrance.ts';
import { type App, createApp } from './fastify.ts';
import { addGenerationRoutes } from './generations.ts';
import { type GuardSettings, isLoopbackAddress } from './guard.ts';
import { addHealthRoutes } from './health.ts';
import { explainListenError } from './listen-error.ts';
import { addLoginRoutes } from './login.ts';
import { addMcpRoute } from './mcp.ts';
import { addMessageRoutes } from './message/routes.ts';
import { addNewsRoute } from './news.ts';
import type { GatewayParts } from './parts.ts';
import { addPluginRoutes } from './plugin-routes.ts';
import { addPublicPage } from './public-page/public-page.ts';
import { addQuestionRoutes } from './questions.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { addStaticFiles } from './static-files.ts';
import { addWebUi } from './web-ui.ts';

export interface Gateway {
  /** The public listener. */
  readonly publicApp: App;
  /** The loopback listener, where the ADK API is at the root too. */
  readonly adkApp: App;
  /** Listens on both; throws with the remedy when a port cannot be had. */
  listen(): Promise<GatewayUrls>;
  /** From here on new turns are refused with `Retry-After`; open ones go on. */
  drain(): void;
  /** Drains, gives the agent `limits.drainMs` for its open turns, ends their streams, and stops listening. */
  close(): Promise<void>;
}

export interface GatewayUrls {
  readonly publicUrl: string;
  readonly adkUrl: string;
}

const adkHost = '127.0.0.1';
/** Time for answers that are being written when the turns are over. */
const closeMs = 2000;

type Listener = 'public' | 'adk';

/** Makes both listeners; nothing is opened before `listen`. */
export async function createGateway(parts: GatewayParts): Promise<Gateway> {
  const { config, agentHost, clock, log } = parts;
  const drain = new Drain();
  const revocations = new Revocations(parts.store.settings, clock);
  const { keys, audience, issuer } = config.auth;
  const verifier =
    keys === null || audience === null
      ? null
      : await createTokenVerifier({ keys, audience, issuer, revocations, clock });
  const common = { token: parts.token, isShared: config.shellUser !== null };
  const publicApp = await build('public', { ...common, isLoopback: isLoopbackAddress(config.server.host) });
  const adkApp = await build('adk', { ...common, isLoopback: true });
  let closing: Promise<void> | null = null;

  return {
    publicApp,
    adkApp,
    drain: () => drain.begin(),
    async listen() {
      const { host, port, adkPort } = config.server;
      await listenOn(publicApp, host, port, 'CLAY_PORT');
      try {
        await listenOn(adkApp, adkHost, adkPort, 'ADK_PORT');
      } catch (error) {
        await publicApp.close();
        throw error;
      }
      return { publicUrl: urlOf(publicApp), adkUrl: urlOf(adkApp) };
    },
    close() {
      closing ??= closeBoth();
      return closing;
    },
  };

  async function build(listener: Listener, settings: GuardSettings): Promise<App> {
    const app = createApp({ name: listener, bodyBytes: config.limits.bodyBytes, isAdkAtRoot: listener === 'adk', log });
    await addSecurityHeaders(app);
    await addCookies(app);
    await addCors(app, config.server.origins);
    const { requestsPerMinute } = config.limits;
    const entrance = await addEntrance(app, { ...settings, verifier, requestsPerMinute }, parts.metrics);
    addApiDocs(app, parts.version);
    addHealthRoutes(app, parts, drain);
    addLoginRoutes(app, parts.token, entrance, clock);
    addMessageRoutes(app, parts, drain);
    addAdminRoutes(app, parts);
    addRevocationRoutes(app, revocations);
    addGenerationRoutes(app, parts);
    addDeployRoutes(app, parts);
    addQuestionRoutes(app, parts);
    addNewsRoute(app, parts);
    addPluginRoutes(app, parts, entrance);
    addMcpRoute(app, parts);
    await app.register(async (api) => addAdkApi(api, parts, drain), { prefix: '/api' });
    await addStaticFiles(app);
    addWebUi(app, { folder: parts.uiFolder, backendUrl: listener === 'adk' ? '' : '/api' });
    if (listener === 'public') addPublicPage(app, config.paths.public);
    else app.get('/', { config: { access: 'page' } }, (_request, reply) => reply.redirect('/dev-ui/'));
    await app.ready();
    return app;
  }

  async function closeBoth(): Promise<void> {
    drain.begin();
    await agentHost.stop(config.limits.drainMs);
    const cut = clock.after(closeMs, () => {
      for (const app of [publicApp, adkApp]) app.server.closeAllConnections();
    });
    await Promise.all([publicApp.close(), adkApp.close()]);
    cut();
  }
}

async function listenOn(app: App, host: string, port: number, variable: string): Promise<void> {
  try {
    await app.listen({ host, port, listenTextResolver: () => '' });
  } catch (error) {
    const message = explainListenError(error as NodeJS.ErrnoException, host, port, variable);
    throw new ClayError('CONFLICT', message, { cause: error });
  }
}

/** Where a program on this machine reaches the listener. */
function urlOf(app: App): string {
  const { address, family, port } = app.server.address() as AddressInfo;
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`;
}
