import { type Json, toFailure } from '@clay/sdk';
import type { OutgoingMessage, RenderedPart } from '../../store/delivery/outbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { jsonField } from '../json-field.ts';
import { numberedText } from '../questions/question-text.ts';
import { splitText } from './split-text.ts';

/** Of a channel that has no renderer, or whose renderer fails. Below the limit of every chat service that we know. */
const plainLimit = 4_000;

/** A renderer's plugin may be starting again. */
const maxTries = 3;
const retryMs = 1_000;

type RenderingParts = Pick<DeliveryParts, 'store' | 'registry' | 'router' | 'clock' | 'log'>;
type Text = Pick<RenderedPart, 'text' | 'format'>;

/**
 * The parts of a message within the limits of its channel: its text, the buttons of its question at the last of them, its
 * files. What the channel has no way for is said in words.
 */
export async function renderMessage(
  parts: RenderingParts,
  { seq, channel, text, question: id }: OutgoingMessage,
  signal: AbortSignal,
): Promise<readonly RenderedPart[]> {
  const { store, registry } = parts;
  const question = id === null ? undefined : store.questions.get(id);
  const hasButtons = question !== undefined && registry.get(`service:${channel}.ask`) !== undefined;
  const names = store.outbox.fileNames(seq);
  const takesFiles = registry.get(`service:${channel}.file`) !== undefined;
  const paragraphs = [
    question === undefined || hasButtons ? text : numberedText(question),
    ...(takesFiles ? [] : names.map((name) => `(There is a file for you, ${name}, that I cannot send here.)`)),
  ].filter((paragraph) => paragraph.trim() !== '');
  const texts = paragraphs.length === 0 ? [] : await renderText(parts, channel, paragraphs.join('\n\n'), signal);
  const said = texts.map((one, index): RenderedPart => {
    const isAsked = hasButtons && index === texts.length - 1;
    return { ...one, kind: isAsked ? 'question' : 'text', file: null };
  });
  const files = takesFiles ? names.map((_, index) => index + 1) : [];
  return [...said, ...files.map((file): RenderedPart => ({ kind: 'file', text: '', format: 'plain', file }))];
}

/** Plain text when the channel's renderer does not do its work. */
async function renderText(
  { registry, router, clock, log }: RenderingParts,
  channel: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly Text[]> {
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

function plainParts(text: string): Text[] {
  return splitText(text, plainLimit).map((piece) => ({ text: piece, format: 'plain' }));
}

function readParts(value: Json): Text[] {
  const parts = jsonField(value, 'parts');
  if (!Array.isArray(parts)) throw new Error(`The renderer gave ${JSON.stringify(value)} in place of parts.`);
  return parts.map((part) => {
    const [text, format] = [jsonField(part, 'text'), jsonField(part, 'format')];
    if (typeof text !== 'string' || typeof format !== 'string')
      throw new Error(`The renderer gave ${JSON.stringify(part)} in place of a part.`);
    return { text, format };
  });
}
