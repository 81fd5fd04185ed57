import { type Json, toFailure } from '@clay/sdk';
import type { RenderedPart } from '../../store/delivery/outbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { jsonField } from '../json-field.ts';
import { splitText } from './split-text.ts';

/** Of a channel that has no renderer, or whose renderer fails. Below the limit of every chat service that we know. */
const plainLimit = 4_000;

/** A renderer's plugin may be starting again. */
const maxTries = 3;
const retryMs = 1_000;

/** The parts of a message within the limits of its channel; plain text when its renderer does not do its work. */
export async function renderMessage(
  { registry, router, clock, log }: Pick<DeliveryParts, 'registry' | 'router' | 'clock' | 'log'>,
  channel: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly RenderedPart[]> {
  const capability = `service:${channel}.render`;
  if (registry.get(capability) === undefined) return plainParts(text);
  for (let tries = 1; ; tries++) {
    try {
      return readParts(await router.call({ capability, args: { text }, caller: 'host', signal }));
    } catch (thrown) {
      signal.throwIfAborted();
      const { code, error } = toFailure(thrown);
      log.error('outbox.render_failed', { channel, code, error, tries });
      if (code !== 'UNAVAILABLE' || tries >= maxTries) return plainParts(text);
      await clock.sleep(retryMs, signal);
    }
  }
}

function plainParts(text: string): RenderedPart[] {
  return splitText(text, plainLimit).map((piece) => ({ text: piece, format: 'plain' }));
}

function readParts(value: Json): RenderedPart[] {
  const parts = jsonField(value, 'parts');
  if (!Array.isArray(parts)) throw new Error(`The renderer gave ${JSON.stringify(value)} in place of parts.`);
  return parts.map((part) => {
    const [text, format] = [jsonField(part, 'text'), jsonField(part, 'format')];
    if (typeof text !== 'string' || typeof format !== 'string')
      throw new Error(`The renderer gave ${JSON.stringify(part)} in place of a part.`);
    return { text, format };
  });
}
