import type { CallSession, StreamEvent } from '../call.ts';
import type { CapabilityKind } from '../capability.ts';
import type { Paths } from '../context.ts';
import type { Failure } from '../errors.ts';
import type { Json, JsonObject, JsonSchema } from '../json.ts';
import type { Migration } from '../store.ts';

/** The protocol spoken by this SDK. A host speaks this one and the one before. */
export const protocol = 1;
/** The oldest protocol that this side still speaks. */
export const oldestProtocol = 1;

/** What the host says. `wire.md` tells when. */
export type HostMessage =
  | HostHello
  | Setup
  | { readonly type: 'live' }
  | { readonly type: 'commit' }
  | CallMessage
  | { readonly type: 'cancel'; readonly id: string; readonly code: 'CANCELLED' | 'TIMEOUT'; readonly reason: string }
  | { readonly type: 'credit'; readonly id: string; readonly count: number }
  | Answer
  | { readonly type: 'grant'; readonly lease: string }
  | { readonly type: 'revoke'; readonly lease: string }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'drain'; readonly graceMs: number };

/** The host's first message. */
export interface HostHello {
  readonly type: 'hello';
  readonly protocol: { readonly min: number; readonly max: number };
  readonly plugin: string;
  readonly version: string;
  readonly generation: number;
}

/** What a plugin gets to know before its `setup`. */
export interface Setup {
  readonly type: 'setup';
  readonly config: Json;
  readonly paths: Paths;
  /** Names of the secrets that the plugin may use. */
  readonly secrets: readonly string[];
}

/** A call of one capability. */
export interface CallMessage {
  readonly type: 'call';
  readonly id: string;
  readonly key: string;
  readonly attempt: number;
  readonly capability: string;
  readonly args: Json;
  readonly caller: string;
  /** Milliseconds until nobody waits any more: clocks of two processes need not agree. */
  readonly timeoutMs: number;
  readonly session: CallSession | null;
  /** Stream items that may be sent before more credit comes. */
  readonly credit: number;
}

/** The host's answer to a {@link Request}: exactly one of `value` and `failure`. */
export interface Answer {
  readonly type: 'answer';
  readonly id: number;
  readonly value?: Json;
  readonly failure?: Failure;
  readonly blobs?: readonly Uint8Array[];
}

/** What a plugin says. */
export type PluginMessage =
  | { readonly type: 'hello'; readonly protocol: number; readonly sdk: string }
  | Ready
  | Done
  | { readonly type: 'ack'; readonly id: string }
  | { readonly type: 'progress'; readonly id: string; readonly text: string }
  | { readonly type: 'item'; readonly id: string; readonly event: StreamEvent }
  | Reply
  | Request
  | { readonly type: 'abort'; readonly id: number }
  | LogMessage
  | Fault
  | { readonly type: 'pong'; readonly id: number; readonly rssBytes: number };

/** `setup` is through: all that it declared. */
export interface Ready {
  readonly type: 'ready';
  readonly capabilities: readonly Declaration[];
  readonly migrations: readonly Migration[];
  readonly leases: readonly string[];
}

/** One capability as declared; the host makes the full name from kind, plugin and name. */
export interface Declaration {
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema | null;
  readonly details: JsonObject;
}

/** A step that the host asked for has ended. `lease` only for `grant` and `revoke`. */
export interface Done {
  readonly type: 'done';
  readonly step: 'live' | 'commit' | 'grant' | 'revoke' | 'drain';
  readonly lease?: string;
  readonly failure?: Failure;
}

/** Exactly one of `value` and `failure`. */
export interface Reply {
  readonly type: 'reply';
  readonly id: string;
  readonly value?: Json;
  readonly failure?: Failure;
}

/** A plugin asks for a host function: see `hostFunctions` in `permissions.ts`. */
export interface Request {
  readonly type: 'request';
  readonly id: number;
  readonly method: string;
  readonly args: Json;
  /** The call being served when it was asked: its deadline, session and cancellation pass on. */
  readonly call: string | null;
  readonly blobs?: readonly Uint8Array[];
}

/** A line of the log. */
export interface LogMessage {
  readonly type: 'log';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: JsonObject;
}

/** The generation cannot go on: after this it takes no calls. */
export interface Fault {
  readonly type: 'fault';
  /** `load`: the code of a process threw while it was imported. */
  readonly phase: 'load' | 'hello' | 'config' | 'setup' | 'live' | 'run';
  readonly failure: Failure;
  /** `file:line:column` of the plugin's own frame. */
  readonly location: string | null;
}

/** Everything that crosses. */
export type Message = HostMessage | PluginMessage;

/** The full name of a declared capability. Kinds whose names only their plugin uses carry the plugin's name. */
export function fullName(kind: CapabilityKind, plugin: string, name: string): string {
  switch (kind) {
    case 'event':
    case 'route':
    case 'schedule':
    case 'probe':
      return `${kind}:${plugin}/${name}`;
    case 'tool':
    case 'agent':
    case 'channel':
    case 'command':
    case 'prompt':
    case 'service':
      return `${kind}:${name}`;
  }
}
