import type { SessionKey } from '../../store/session-store.ts';
import type { Store } from '../../store/store.ts';
import { cutMiddle } from '../contents/cut-text.ts';
import type { ToolResponse } from './tool-response.ts';

export interface ResultLimit {
  readonly characters: number;
  readonly artifacts: Store['artifacts'];
  readonly session: SessionKey;
}

/**
 * A result that is too long for the model's context is cut in the middle and stored whole as an artifact. When one text
 * makes up most of the result, only that text is cut, so that the other fields stay as they are.
 */
export function limitResponse(response: ToolResponse, callId: string, limit: ResultLimit): ToolResponse {
  const json = JSON.stringify(response);
  if (json.length <= limit.characters) return response;
  const longest = longestText(response);
  const rest = longest === undefined ? 0 : json.length - JSON.stringify(response[longest]).length;
  const isMostlyOneText = longest !== undefined && rest < limit.characters / 2;
  const whole = isMostlyOneText ? String(response[longest]) : json;
  const name = `tool-result-${callId.replaceAll(/[^a-zA-Z0-9_-]/g, '_')}.${isMostlyOneText ? 'txt' : 'json'}`;
  limit.artifacts.save({ ...limit.session, name }, { text: whole });
  const length = isMostlyOneText ? limit.characters - rest : limit.characters;
  const cut = cutMiddle(whole, length, (left) => `\n… [${left} characters left out] …\n`);
  const note =
    `The result has ${whole.length} characters; the middle was left out. ` +
    `Read any part of it with artifact_read {"name": "${name}", "start": 0}.`;
  return isMostlyOneText ? { ...response, [longest]: cut, note } : { result: cut, note };
}

/** Whether a text is what is said here of a result that was cut: words of the host, whatever the result is. */
export function isLimitNote(text: unknown): boolean {
  return typeof text === 'string' && limitNote.test(text);
}

const limitNote =
  /^The result has \d+ characters; the middle was left out\. Read any part of it with artifact_read \{"name": "tool-result-[\w-]+\.(txt|json)", "start": 0\}\.$/;

function longestText(response: ToolResponse): string | undefined {
  const texts = Object.entries(response).filter(([, value]) => typeof value === 'string');
  return texts.sort(([, a], [, b]) => String(b).length - String(a).length)[0]?.[0];
}
