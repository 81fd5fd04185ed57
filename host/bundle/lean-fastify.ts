import { putInPlace } from './stand-in.ts';

/** Loads the module when one of its names is used. */
const later = (builtin: string) =>
  `module.exports = new Proxy({}, { get: (_, name) => process.getBuiltinModule('${builtin}')[name] });`;

/** Fastify loads TLS, HTTP/2 and Pino before it knows whether it will need them: a claw's gateway never does. */
export const leanFastify = putInPlace('lean-fastify', [
  { importers: /\/fastify\/lib\/server\.js$/, path: /^node:https$/, contents: later('node:https') },
  { importers: /\/fastify\/lib\/server\.js$/, path: /^node:http2$/, contents: later('node:http2') },
  {
    importers: /\/fastify\/lib\/logger-factory\.js$/,
    path: /\/logger-pino$/,
    contents: `
      exports.serializers = {};
      exports.createPinoLogger = () => { throw new TypeError('The gateway logs by the log of the claw.'); };`,
  },
]);
