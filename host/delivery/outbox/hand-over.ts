import { ClayError, type Json } from '@clay/sdk';
import type { OutgoingMessage, StoredPart } from '../../store/delivery/outbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';

/** Which capability of a channel takes a part, and what it is given. Throws `NOT_FOUND` when what belongs to it is gone. */
export function handOver(
  { store }: Pick<DeliveryParts, 'store'>,
  { channel, chat, question: id }: OutgoingMessage,
  { message, kind, text, format, file: number }: StoredPart,
  key: string,
): { readonly capability: string; readonly args: Json } {
  switch (kind) {
    case 'text':
      return { capability: `channel:${channel}`, args: { to: chat, text, format, key } };
    case 'question': {
      const question = store.questions.get(id ?? '');
      if (question === undefined) throw new ClayError('NOT_FOUND', `The question ${id} is not known any more.`);
      const choices = question.choices.map((choice) => ({ ...choice }));
      return { capability: `service:${channel}.ask`, args: { chat, text, format, choices, key: question.id } };
    }
    case 'file': {
      const file = store.outbox.file(message, number ?? 0);
      if (file === undefined)
        throw new ClayError('NOT_FOUND', `The file ${number} of the message is not kept any more.`);
      const { name, mediaType, caption, bytes } = file;
      const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
      return { capability: `service:${channel}.file`, args: { chat, name, mediaType, base64, caption, key } };
    }
  }
}
