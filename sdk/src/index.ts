export type * from './call.ts';
export type * from './capability.ts';
export { type CapabilityKind, capabilityKinds } from './capability.ts';
export { Pairing } from './chat/pairing.ts';
export type * from './clock.ts';
export type * from './context.ts';
export { definePlugin, type PluginDefinition } from './define-plugin.ts';
export {
  ClayError,
  type ErrorCode,
  type ErrorDetails,
  errorCodes,
  type Failure,
  fromFailure,
  toFailure,
} from './errors.ts';
export type * from './files.ts';
export { type ForeignOrigin, type ForeignText, foreignText } from './foreign-text.ts';
export type * from './http.ts';
export type * from './json.ts';
export type * from './log.ts';
export type * from './manifest.ts';
export { markdownToHtml } from './markdown.ts';
export {
  covers,
  coversHost,
  type HostFunction,
  hostFunctions,
  type Permission,
  type PermissionArgument,
  type PermissionName,
  parsePermission,
  permissions,
} from './permissions.ts';
export type * from './schema/schema.ts';
export type * from './secrets.ts';
export type * from './store.ts';
