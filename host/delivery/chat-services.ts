import { ClayError, type Json, type JsonObject, type JsonSchema } from '@clay/sdk';
import type { HostCapability } from '../kernel/host-capabilities.ts';
import type { Commands } from './commands/commands.ts';
import type { DeliveryParts } from './delivery-parts.ts';
import { type IncomingMessage, parseIncoming } from './inbox/incoming-message.ts';
import { answerLifeMs, type Outbox } from './outbox/outbox.ts';
import { findRecipient, setMainChat } from './recipient.ts';

export interface ChatServicesOptions {
  readonly parts: DeliveryParts;
  readonly outbox: Outbox;
  readonly commands: Commands;
  readonly receive: (message: IncomingMessage, caller: string) => Json;
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
      'Says something to a person: `{queued}`.',
      object({ text, to: text, channel: text }),
      (args, call) => {
        const { text: said, to, channel } = args;
        if (typeof said !== 'string' || said.trim() === '')
          throw new ClayError('BAD_ARGUMENTS', 'chat.send: the text is empty.');
        const wanted = { to: nameOf(to), channel: nameOf(channel) };
        const recipient = findRecipient(store, wanted, call.session);
        const queued = outbox.add({
          key: `send:${call.caller}:${call.key}`,
          channel: recipient.channel,
          chat: recipient.chat,
          kind: 'message',
          text: said,
          expiresAt: clock.now() + answerLifeMs,
        });
        outbox.wake(recipient.channel, recipient.chat);
        return { queued: queued ? 1 : 0 };
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
  run: (args: JsonObject, call: Parameters<HostCapability['run']>[1]) => Json,
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

function nameOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
