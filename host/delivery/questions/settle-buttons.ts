import { toFailure } from '@clay/sdk';
import type { Question } from '../../store/delivery/question-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { endText, questionMessageKey } from './question-text.ts';

/** Has buttons that nobody needs any more taken away, where the channel can (`service:<channel>.settle`). A failure harms nobody. */
export async function settleButtons(
  { registry, router, store, log }: DeliveryParts,
  question: Question,
  channel: string,
  chat: string,
): Promise<void> {
  const capability = `service:${channel}.settle`;
  if (registry.get(capability) === undefined) return;
  const receipt = store.outbox.questionReceipt(questionMessageKey(question.id));
  if (receipt === undefined) return;
  const args = { chat, key: question.id, id: receipt, text: endText(question) };
  try {
    await router.call({ capability, args, caller: 'host' });
  } catch (thrown) {
    log.debug('question.settle_failed', { question: question.id, ...toFailure(thrown) });
  }
}
