import { setImmediate } from 'node:timers/promises';
import type { Content, FunctionResponse, Part } from '../../event-json.ts';
import { sectionHeader } from '../../prompt/sections.ts';
import type { Model, ModelRequest, ModelResponse, ToolDeclaration } from '../model.ts';
import { notALanguageModel, offlineHelp } from './help.ts';
import { reportResults } from './report.ts';
import { readScript } from './script.ts';

/** Pieces that a text is shown in at most. */
const maxPieces = 24;
/** Pieces between two pauses in which others get their turn. */
const piecesPerPause = 16;

/** No language model: follows plain commands, so that a claw without a key can do everything that its tools can. */
export class OfflineModel implements Model {
  readonly provider = 'offline';
  readonly name = 'offline';

  async *generate(request: ModelRequest): AsyncGenerator<ModelResponse, void, void> {
    const parts = answer(request);
    if (request.stream) {
      let count = 0;
      for (const part of parts) {
        for (const text of pieces(part.text ?? '')) {
          if (++count % piecesPerPause === 0) await setImmediate();
          if (request.signal?.aborted) return;
          yield { partial: true, content: { role: 'model', parts: [{ text }] } };
        }
      }
    }
    if (request.signal?.aborted) return;
    yield { content: { role: 'model', parts }, finishReason: 'STOP', modelVersion: 'offline' };
  }
}

function answer(request: ModelRequest): Part[] {
  if (request.purpose === 'check') return [{ text: 'ok' }];
  if (request.purpose === 'summary') return [{ text: digest(request.contents) }];
  const { message, steps: done } = currentTurn(request.contents);
  const script = readScript(message, request.tools);
  if (script.problems.length > 0) {
    return [
      {
        text: `I did nothing, because I could not read this:\n${script.problems.map((line) => `- ${line}`).join('\n')}`,
      },
    ];
  }
  if (script.wants === 'help') return [{ text: offlineHelp }];
  if (script.wants === 'tools') return [{ text: listTools(request.tools) }];
  const next = script.steps[done.length];
  if (next && next.calls.length > 0) {
    const says: Part[] = next.says.map((text) => ({ text: `${text}\n` }));
    return [...says, ...next.calls.map(({ name, args }, index) => call(request, name, args, done.length, index))];
  }
  const said = next?.says.join('\n') ?? '';
  const results = done.flat();
  if (results.length === 0) return [{ text: said || notALanguageModel }];
  return [{ text: [reportResults(results), said].filter(Boolean).join('\n\n') }];
}

function call(
  request: ModelRequest,
  name: string,
  args: Part['functionCall'] & object,
  step: number,
  index: number,
): Part {
  // Unique in the conversation and the same for the same conversation.
  const id = `offline_${request.contents.length}_${step}_${index}`;
  return { functionCall: { id, name, args: args as Record<string, unknown> } };
}

/** The person's last message, and the results of each step since. */
function currentTurn(contents: readonly Content[]): { readonly message: string; readonly steps: FunctionResponse[][] } {
  const start = contents.findLastIndex((content) => content.role === 'user' && isMessage(content));
  const texts = (contents[start]?.parts ?? []).flatMap((part) => part.text ?? []);
  const message = texts.filter((text) => !text.startsWith(sectionHeader)).join('\n');
  const steps: FunctionResponse[][] = [];
  for (const { role, parts = [] } of contents.slice(start + 1)) {
    if (role === 'model' && parts.some((part) => part.functionCall)) steps.push([]);
    steps.at(-1)?.push(...parts.flatMap((part) => part.functionResponse ?? []));
  }
  return { message, steps };
}

function isMessage({ parts = [] }: Content): boolean {
  const first = parts.find((part) => part.text !== undefined)?.text;
  return first !== undefined && first !== 'For context:' && !first.startsWith(sectionHeader);
}

function listTools(tools: readonly ToolDeclaration[]): string {
  const lines = tools.map(({ name, description, parameters }) => {
    const names = Object.keys((parameters.properties as object | undefined) ?? {});
    return `- \`${name}\`${names.length > 0 ? ` (${names.join(', ')})` : ''}: ${description.split('\n')[0]}`;
  });
  return lines.length > 0 ? lines.join('\n') : 'No tool is loaded.';
}

/** In place of a summary: what was said and done, shortened. */
function digest(contents: readonly Content[]): string {
  const text = contents.flatMap(({ parts = [] }) => parts.map((part) => part.text ?? '')).join('\n');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const kept = lines.length <= 120 ? lines : [...lines.slice(0, 20), '…', ...lines.slice(-100)];
  return `SUMMARY (shortened by the offline model)\n${kept.map((line) => line.slice(0, 300)).join('\n')}`;
}

/** Word by word; a long text in larger pieces. */
function pieces(text: string): string[] {
  const words = text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
  const perPiece = Math.ceil(words.length / maxPieces);
  if (perPiece <= 1) return words;
  const list: string[] = [];
  for (let start = 0; start < words.length; start += perPiece) list.push(words.slice(start, start + perPiece).join(''));
  return list;
}
