import { ClayError, type Json, type JsonObject, type JsonSchema } from '@clay/sdk';
import type { HostCapability } from '../kernel/host-capabilities.ts';
import type { Commands } from './commands/commands.ts';
import type { DeliveryParts } from './delivery-parts.ts';
import { type IncomingMessage, parseIncoming } from './inbox/incoming-message.ts';
import { answerLifeMs, type Outbox } from './outbox/outbox.ts';
import { findRecipient, setMainChat } from './recipient.ts';
import { parseSend } from './send-request.ts';

export interface ChatServicesOptions {
  readonly parts: DeliveryParts;
  readonly outbox: Outbox;
  readonly commands: Commands;
  readonly receive: (message: IncomingMessage, caller: string) => Promise<Json>;
}

const text: JsonSchema = { type: 'string' };
/** The receiver says what is wrong with it, by name. */
const anything: JsonSchema = { type: 'object' };

/** What connectors and other plugins use of the delivery, by name. */
export function chatServices({ parts, outbox, commands, receive }: ChatServicesOptions): readonly HostCapability[] {
  const { store, clock } = parts;
  return [
    service('chat.receive', 'Takes a message of a person in; answers when it is on the disk.', anything, (args, call) =>
      receive(parseIncoming(args), call.caller),
    ),
    service(
      'chat.send',
      'Says something to a person, with files when there are any: `{queued, channel, chat}`.',
      anything,
      (args, call) => {
        const { text: said, files, ...wanted } = parseSend(args);
        const { channel, chat } = findRecipient(store, wanted, call.session);
        const key = `send:${call.caller}:${call.key}`;
        const expiresAt = clock.now() + answerLifeMs;
        const isNew = outbox.add({ key, channel, chat, kind: 'message', text: said, files, expiresAt });
        outbox.wake(channel, chat);
        return { queued: isNew ? 1 : 0, channel, chat };
      },
    ),
    service(
      'chat.main',
      'Names the chat of the person that the claw belongs to, for what is said without being asked.',
      object({ channel: text, chat: text }),
      ({ channel, chat }) => {
        if (typeof channel !== 'string' || channel === '' || typeof chat !== 'string' || chat === '')
          throw new ClayError('BAD_ARGUMENTS', 'chat.main: name both the channel and the chat.');
        setMainChat(store, { channel, chat });
        return null;
      },
    ),
    service('chat.commands', 'What people can type: `[{name, description}]`.', object({}), () =>
      commands.list().map(({ name, description }) => ({ name, description })),
    ),
  ];
}

function service(
  name: string,
  description: string,
  parameters: JsonSchema,
  run: (args: JsonObject, call: Parameters<HostCapability['run']>[1]) => Json | Promise<Json>,
): HostCapability {
  return {
    kind: 'service',
    name,
    description,
    parameters,
    // Each knows its own repeats: a caller whose host died in the middle asks again under the same key.
    details: { idempotent: true },
    run: (args, call) => run((args ?? {}) as JsonObject, call),
  };
}

function object(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', properties, additionalProperties: false };
}
