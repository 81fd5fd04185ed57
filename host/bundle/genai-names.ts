import { createRequire } from 'node:module';

/** What of Google's client the engine uses without calling Google: a few of its constants and these functions. */
const constants = ['FinishReason', 'Language', 'Modality', 'Outcome', 'Type'] as const;

/**
 * The source of a module that exports those names alone, for the engine at `adk`. Who bundles gets an error if the
 * engine comes to ask for one more.
 */
export function genaiNames(adk: string): string {
  const client: Readonly<Record<string, unknown>> = createRequire(adk)('@google/genai');
  const enumerations = constants.map((name) => `export const ${name} = ${JSON.stringify(client[name])};`);
  return [...enumerations, functions].join('\n');
}

const functions = `
export const createPartFromText = (text) => ({ text });
export const createUserContent = (said) => ({ role: 'user', parts: partsOf(said) });
export const createModelContent = (said) => ({ role: 'model', parts: partsOf(said) });
const partsOf = (said) => {
  const parts = [said].flat().map((part) => (typeof part === 'string' ? { text: part } : part));
  if (parts.length > 0 && parts.every((part) => typeof part === 'object' && part !== null)) return parts;
  throw new TypeError('Expected a text, a part of a content, or some of both.');
};`;
