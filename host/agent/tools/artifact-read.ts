import { ClayError, foreignText } from '@clay/sdk';
import { safeEnd } from '../contents/cut-text.ts';
import type { HostTool } from './host-tool.ts';

const defaultLength = 8_000;
/** For the other fields, and for the marks of foreign text. */
const besideText = 1_000;
/** How text of others was marked, as it stands or within JSON. */
const foreignMark = /<foreign-[0-9a-f]{16} origin=/;

/** Reads what was too long for a tool result, and whatever else is stored with the session. */
export const artifactRead: HostTool = {
  name: 'artifact_read',
  description:
    'Reads a part of a stored text of this conversation, such as a tool result that was too long to show whole. ' +
    'Gives the text from `start`, the total length, and `next` when there is more. Without a name it lists the names.',
  parameters: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Name of the stored text.' },
      start: { type: 'integer', minimum: 0, description: 'First character. Default 0.' },
      length: { type: 'integer', minimum: 1, description: `Characters to read. Default ${defaultLength}.` },
    },
  },
  isParallel: true,
  async run(_call, args, { live, parts }) {
    const { artifacts } = parts.store;
    const { name, start = 0, length = defaultLength } = args;
    if (name === undefined) return { names: artifacts.list(live.key) };
    if (typeof name !== 'string' || !isCount(start) || !isCount(length)) {
      throw new ClayError(
        'BAD_ARGUMENTS',
        'artifact_read wants {"name": string, "start"?: integer, "length"?: integer}.',
      );
    }
    // So that this result is never cut itself.
    const { toolResultChars } = parts.config.limits;
    const longest = Math.max(Math.floor(toolResultChars / 2), toolResultChars - besideText);
    const slice = artifacts.slice({ ...live.key, name }, { start, length: Math.min(length, longest) });
    if (!slice) {
      const names = artifacts.list(live.key).join(', ') || 'none';
      throw new ClayError('NOT_FOUND', `There is no stored text named "${name}". There are: ${names}.`);
    }
    const text = slice.text.slice(0, safeEnd(slice.text, slice.text.length));
    const next = start + text.length;
    // A part of it has lost the marks that stand at both ends of the whole.
    const whole = artifacts.slice({ ...live.key, name }, { start: 0, length: slice.totalLength });
    const isForeign = foreignMark.test(whole?.text ?? '');
    const shown = isForeign ? foreignText({ origin: 'tool', source: name, text }) : text;
    return { text: shown, totalLength: slice.totalLength, ...(next < slice.totalLength && { next }) };
  },
};

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}
