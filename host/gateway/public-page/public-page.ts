import type { App, Reply, Request } from '../fastify.ts';
import { findPublicFile } from './find-public-file.ts';
import { missingPage } from './missing-page.ts';

/**
 * What lies in `public/` is written by the agent and read by everybody, on the origin of the control plane. The sandbox gives
 * it an origin of its own: no script in it can use a person's cookie, and the guard sees `Origin: null`.
 */
const sandbox =
  'sandbox allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-scripts';

/** An origin of its own means that its scripts, fonts and data are asked for across origins. There is no secret in them. */
const headers = {
  'content-security-policy': sandbox,
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  // Asked for again with its ETag each time: a page that the agent has just written is seen at once.
  'cache-control': 'no-cache',
};

/** The public page: whatever no other route of this listener answers, read from `folder`. */
export function addPublicPage(app: App, folder: string): void {
  app.route<{ Params: { '*': string } }>({
    method: ['GET', 'HEAD'],
    url: '/*',
    config: { access: 'open', about: 'The public page of this claw.' },
    handler: async (request, reply) => {
      const found = await findPublicFile(folder, request.params['*']);
      if (found.kind === 'folder') return redirectToFolder(request, reply);
      if (found.kind === 'absent') return answerAbsent(request, reply);
      return reply.headers(headers).sendFile(found.path, found.root, { cacheControl: false });
    },
  });
}

function redirectToFolder(request: Request, reply: Reply): Reply {
  const [path = '', query] = request.url.split('?', 2);
  // A path that begins with two slashes would lead to another host.
  const local = path.replace(/^\/+/, '/');
  return reply.redirect(`${local}/${query === undefined ? '' : `?${query}`}`, 308);
}

/** A person gets a page, a program the words that every other unknown address gets; scripts of the page may read them. */
function answerAbsent(request: Request, reply: Reply): Reply {
  if (!(request.headers.accept ?? '').includes('text/html')) {
    const { 'content-security-policy': _ofPages, ...acrossOrigins } = headers;
    reply.headers(acrossOrigins).callNotFound();
    return reply;
  }
  return reply.code(404).headers(headers).type('text/html; charset=utf-8').send(missingPage);
}
