import { ClayError, type Failure } from '@clay/sdk';
import {
  type HostMessage,
  type PluginMessage,
  parseHostMessage,
  parsePluginMessage,
  type RawFrame,
  shape,
} from '@clay/sdk/wire';
import type { ScriptReport } from '../script/report.ts';
import type { Script } from '../script/script.ts';
import { failureShape, parseReport, scriptShape } from './lane-shapes.ts';

/** What the host says to a lane. */
export type ToLane =
  /** A line to a new life of a script; numbers of channels rise and are never used again. */
  | { readonly type: 'open'; readonly channel: number; readonly script: Script }
  /** The life is over; answered by `closed`. */
  | { readonly type: 'close'; readonly channel: number }
  | { readonly type: 'inspect'; readonly id: number; readonly script: Script }
  /** Ends an inspection; its answer still comes. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'ping'; readonly id: number }
  | ChannelMessage<HostMessage>;

/** What a lane says. */
export type FromLane =
  /** It listens. The first that it says. */
  | { readonly type: 'ready' }
  /** Whose code runs from now on, until the next of these: what a death is told by. */
  | { readonly type: 'turn'; readonly channel: number }
  | { readonly type: 'closed'; readonly channel: number }
  | Inspected
  | { readonly type: 'pong'; readonly id: number; readonly rssBytes: number }
  | ChannelMessage<PluginMessage>;

/** Exactly one of `report` and `failure`. */
export interface Inspected {
  readonly type: 'inspected';
  readonly id: number;
  readonly report?: ScriptReport;
  readonly failure?: Failure;
}

/** A message of one channel, in the frame of the lane; its binary parts are the frame's. */
export interface ChannelMessage<M extends HostMessage | PluginMessage> {
  readonly type: 'channel';
  readonly channel: number;
  readonly message: M;
  readonly blobs?: readonly Uint8Array[];
}

/** Puts a message into the frame of its channel. */
export function onChannel<M extends HostMessage | PluginMessage>(channel: number, message: M): ChannelMessage<M> {
  if (!('blobs' in message) || message.blobs === undefined) return { type: 'channel', channel, message };
  const { blobs } = message;
  return { type: 'channel', channel, message: { ...message, blobs: undefined }, blobs };
}

const { count, amount, object, shapeOf } = shape;

const toLane = {
  open: shapeOf({ channel: count, script: scriptShape }),
  close: shapeOf({ channel: count }),
  inspect: shapeOf({ id: count, script: scriptShape }),
  cancel: shapeOf({ id: count }),
  ping: shapeOf({ id: count }),
  channel: shapeOf({ channel: count, message: object }),
} satisfies Readonly<Record<ToLane['type'], shape.Check>>;

const fromLane = {
  ready: shapeOf({}),
  turn: shapeOf({ channel: count }),
  closed: shapeOf({ channel: count }),
  inspected: shapeOf({ id: count, report: shape.optional(object), failure: shape.optional(failureShape) }),
  pong: shapeOf({ id: count, rssBytes: amount }),
  channel: shapeOf({ channel: count, message: object }),
} satisfies Readonly<Record<FromLane['type'], shape.Check>>;

/** Reads what came from the host. Throws `WIRE`. */
export function parseToLane(frame: RawFrame): ToLane {
  const message = parse<ToLane>(frame, toLane, 'host');
  if (message.type !== 'channel') return message;
  return { ...message, message: parseHostMessage({ json: message.message, blobs: frame.blobs }) };
}

/** Reads what came from a lane. Throws `WIRE`. */
export function parseFromLane(frame: RawFrame): FromLane {
  const message = parse<FromLane>(frame, fromLane, 'lane');
  if (message.type === 'channel')
    return { ...message, message: parsePluginMessage({ json: message.message, blobs: frame.blobs }) };
  if (message.type !== 'inspected') return message;
  if ((message.report === undefined) === (message.failure === undefined))
    throw wrong('lane', 'an "inspected" message that needs exactly one of "report" and "failure"');
  return message.report === undefined ? message : { ...message, report: parseReport(message.report) };
}

function parse<M extends { readonly type: string }>(
  { json, blobs }: RawFrame,
  checks: Readonly<Record<M['type'], shape.Check>>,
  sender: string,
): M {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw wrong(sender, 'a message that is no object');
  const type = Object.hasOwn(json, 'type') ? (json as { readonly type: unknown }).type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(checks, type))
    throw wrong(sender, `a message of the unknown type ${JSON.stringify(type)?.slice(0, 60)}`);
  const expected = checks[type as M['type']](json);
  if (expected !== null) throw wrong(sender, `a "${type}" message that is not ${expected}`);
  if ('blobs' in json) throw wrong(sender, `a "${type}" message with "blobs" in its JSON`);
  if (blobs.length === 0) return json as M;
  if (type !== 'channel') throw wrong(sender, `a "${type}" message with binary parts`);
  return { ...(json as M), blobs };
}

function wrong(sender: string, what: string): ClayError {
  return new ClayError('WIRE', `The ${sender} sent ${what}.`);
}
