import { z } from '../schema.ts';
import { checkExtension, deployExtension, extensionSource } from './extension-sources.ts';
import type { App, Request } from './fastify.ts';
import { parseBody } from './parse-body.ts';
import type { GatewayParts, SourceRequest } from './parts.ts';
import { checkPluginName } from './plugin-name.ts';

/** Whatever builds them looks at paths and sizes more closely. */
const files = z.record(z.string(), z.string()).superRefine((all, context) => {
  if (Object.keys(all).length === 0) context.addIssue({ code: 'custom', message: 'must not be empty' });
  for (const path of Object.keys(all)) {
    if (path.length <= 512 && !/(^|\/)\.{0,2}(\/|$)|[\\\p{Cc}]/u.test(path)) continue;
    context.addIssue({ code: 'custom', path: [path], message: 'must be a path within the plugin’s folder, with "/"' });
  }
});

const deployRequest = z.strictObject({ reason: z.string().trim().min(1).max(1000), files: files.optional() });
const checkRequest = z.strictObject({ files: files.optional() }).default({});

/** Sources become generations: what `clay dev` asks for. */
export function addDeployRoutes(app: App, { deployer, lanes, router }: GatewayParts): void {
  app.post(
    '/api/admin/plugins/:plugin/deploy',
    {
      config: {
        access: 'control',
        about: 'Makes the next generation of a plugin or a .star file, of files sent or of those in the claw’s folder.',
        body: deployRequest,
      },
    },
    (request) => {
      const { reason, files } = parseBody(deployRequest, request.body);
      const wanted = { ...sourcesOf(request, files), reason };
      const script = extensionSource(wanted);
      return script === null ? deployer.deploy(wanted) : deployExtension(router, wanted, script);
    },
  );

  app.post(
    '/api/admin/plugins/:plugin/check',
    { config: { access: 'control', about: 'Says what is wrong with sources; changes nothing.', body: checkRequest } },
    (request) => {
      const { files } = parseBody(checkRequest, request.body);
      const wanted = sourcesOf(request, files);
      const script = extensionSource(wanted);
      return script === null ? deployer.check(wanted) : checkExtension(router, wanted.plugin, script);
    },
  );

  app.get('/api/admin/lanes', { config: { access: 'debug', about: 'Processes in which .star scripts run.' } }, () =>
    lanes(),
  );
}

function sourcesOf(request: Request, files: Readonly<Record<string, string>> | undefined): SourceRequest {
  const { plugin } = request.params as { readonly plugin: string };
  return { plugin: checkPluginName(plugin), files: files === undefined ? null : new Map(Object.entries(files)) };
}
