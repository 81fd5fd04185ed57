import type { FunctionResponse } from '../../event-json.ts';

/** Tells the results of calls in plain words. */
export function reportResults(responses: readonly FunctionResponse[]): string {
  if (responses.length === 1) return describe(responses[0]!, false);
  return responses.map((response) => describe(response, true)).join('\n\n');
}

function describe({ name = 'tool', response = {} }: FunctionResponse, isNamed: boolean): string {
  const { error, code, output } = response;
  if (typeof error === 'string') {
    const kept = typeof output === 'string' && output !== '' ? `\n${fenced(output)}` : '';
    return `\`${name}\` failed${typeof code === 'string' ? ` (${code})` : ''}: ${error}${kept}`;
  }
  const text = describeValue(response);
  return isNamed ? `**${name}**: ${text}` : text;
}

function describeValue(response: Record<string, unknown>): string {
  const { message, ...rest } = response;
  const lines = typeof message === 'string' ? [message] : [];
  for (const [key, value] of Object.entries(rest)) {
    if (Array.isArray(value))
      lines.push(...(value.length === 0 ? [`${key}: none`] : value.map((item) => `- ${describeItem(item)}`)));
    else if (isText(key, value)) lines.push(value);
    else if (typeof value === 'string') lines.push(`${key}: ${value.includes('\n') ? `\n${fenced(value)}` : value}`);
    else if (typeof value === 'object' && value !== null)
      lines.push(`${key}:\n${fenced(JSON.stringify(value, null, 2))}`);
    else if (key !== 'count') lines.push(`${key}: ${value}`);
  }
  return lines.length > 0 ? lines.join('\n') : 'Done.';
}

/** Fields whose text is the result itself. */
function isText(key: string, value: unknown): value is string {
  return typeof value === 'string' && ['result', 'answer', 'content', 'output', 'text'].includes(key);
}

function describeItem(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  return Object.entries(item)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function fenced(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}
