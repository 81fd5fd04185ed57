import { ClayError } from '@clay/sdk';
import type { AgentHost } from '../../agent/agent-host.ts';
import type { App } from '../fastify.ts';
import { checkName, type SessionParams, sessionKey } from './names.ts';

type NameParams = SessionParams & { readonly name: string };
type VersionParams = NameParams & { readonly version: string };

/** Stored values of a session, as the ADK API has them. */
export function addArtifactRoutes(app: App, agentHost: AgentHost): void {
  const { artifacts, appName } = agentHost;
  const list = '/apps/:app/users/:user/sessions/:session/artifacts';

  app.get<{ Params: SessionParams }>(
    list,
    { config: { access: 'chat', about: 'Names of a session’s artifacts.' } },
    (request) => artifacts.names(sessionKey(request.params, appName)),
  );

  app.get<{ Params: NameParams }>(
    `${list}/:name`,
    { config: { access: 'chat', about: 'The newest version of an artifact, as a Part.' } },
    (request) => artifacts.load(sessionKey(request.params, appName), checkName('artifact', request.params.name)),
  );

  app.get<{ Params: NameParams }>(
    `${list}/:name/versions`,
    { config: { access: 'chat', about: 'Versions of an artifact.' } },
    (request) => artifacts.versions(sessionKey(request.params, appName), checkName('artifact', request.params.name)),
  );

  app.get<{ Params: VersionParams }>(
    `${list}/:name/versions/:version`,
    { config: { access: 'chat', about: 'One version of an artifact, as a Part.' } },
    (request) => {
      const { name, version } = request.params;
      const key = sessionKey(request.params, appName);
      return artifacts.load(key, checkName('artifact', name), parseVersion(version));
    },
  );

  app.delete<{ Params: NameParams }>(
    `${list}/:name`,
    { config: { access: 'chat', about: 'Deletes an artifact with all its versions.' } },
    (request) => {
      artifacts.delete(sessionKey(request.params, appName), checkName('artifact', request.params.name));
      return {};
    },
  );
}

function parseVersion(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ClayError('BAD_ARGUMENTS', `The version ${JSON.stringify(text.slice(0, 40))} is not a whole number.`);
}
