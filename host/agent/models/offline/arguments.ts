import type { Json, JsonObject } from '@clay/sdk';
import type { ToolDeclaration } from '../model.ts';

/** Arguments of a command, or what is wrong with them. */
export type ParsedArguments = { readonly args: JsonObject } | { readonly problem: string };

/** Reads `key=value …`, a JSON object, or, for a tool with one needed text, just that text. */
export function parseArguments(text: string, tool: ToolDeclaration | undefined): ParsedArguments {
  const source = text.trim();
  if (source.startsWith('{')) return parseObject(source);
  const properties = asObject(tool?.parameters.properties);
  const args: Record<string, Json> = {};
  let rest = source;
  while (rest !== '') {
    const assignment = /^([A-Za-z_][\w.-]*)=/.exec(rest);
    const key = assignment?.[1];
    if (key === undefined || (tool !== undefined && !isParameter(tool, key))) break;
    const value = takeValue(rest.slice(key.length + 1));
    if (!value) return { problem: `the value of ${key} is not closed` };
    args[key] = convert(value.text, value.isQuoted, asObject(properties[key]));
    rest = value.rest.trimStart();
  }
  if (rest === '') return { args };
  const only = looksAssigned(rest, tool) ? undefined : mainParameter(tool, args);
  return only === undefined
    ? { problem: `"${rest.slice(0, 60)}" is not of the form key=value${parameterList(tool)}` }
    : { args: { ...args, [only]: rest } };
}

function parseObject(source: string): ParsedArguments {
  try {
    const value: Json = JSON.parse(source);
    return { args: asObject(value) };
  } catch (error) {
    return { problem: `the JSON cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

interface Value {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly rest: string;
}

function takeValue(source: string): Value | undefined {
  const quote = source[0];
  if (quote === '"') {
    const match = /^"(?:\\.|[^"\\])*"/s.exec(source);
    return match ? { text: unquote(match[0]), isQuoted: true, rest: source.slice(match[0].length) } : undefined;
  }
  if (quote === "'") {
    const end = source.indexOf("'", 1);
    return end < 0 ? undefined : { text: source.slice(1, end), isQuoted: true, rest: source.slice(end + 1) };
  }
  if (quote === '[' || quote === '{') {
    const end = endOfBrackets(source);
    return end < 0 ? undefined : { text: source.slice(0, end), isQuoted: false, rest: source.slice(end) };
  }
  const text = /^\S*/.exec(source)![0];
  return { text, isQuoted: false, rest: source.slice(text.length) };
}

function unquote(text: string): string {
  try {
    return JSON.parse(text.replaceAll('\n', '\\n'));
  } catch {
    return text.slice(1, -1);
  }
}

function endOfBrackets(source: string): number {
  let depth = 0;
  for (const match of source.matchAll(/"(?:\\.|[^"\\])*"|[[\]{}]/g)) {
    if ('[{'.includes(match[0])) depth++;
    else if (']}'.includes(match[0]) && --depth === 0) return match.index + 1;
  }
  return -1;
}

function convert(text: string, isQuoted: boolean, schema: JsonObject): Json {
  const types = [schema.type].flat();
  if (types.includes('string') || (isQuoted && !types.some((type) => type === 'number' || type === 'integer')))
    return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isParameter(tool: ToolDeclaration, key: string): boolean {
  const { properties, additionalProperties } = tool.parameters;
  return (
    Object.hasOwn(asObject(properties), key) ||
    (additionalProperties !== false && Object.keys(asObject(properties)).length === 0)
  );
}

/** A misspelt parameter must not become the text of another one. */
function looksAssigned(text: string, tool: ToolDeclaration | undefined): boolean {
  return /^[A-Za-z_][\w.-]*=/.test(text) && Object.keys(asObject(tool?.parameters.properties)).length > 1;
}

/** The one needed text that is not given yet. */
function mainParameter(tool: ToolDeclaration | undefined, args: JsonObject): string | undefined {
  const properties = asObject(tool?.parameters.properties);
  const required = Array.isArray(tool?.parameters.required) ? (tool.parameters.required as readonly Json[]) : [];
  const open = required.map(String).filter((name) => !Object.hasOwn(args, name));
  return open.length === 1 && asObject(properties[open[0]!]).type === 'string' ? open[0] : undefined;
}

function parameterList(tool: ToolDeclaration | undefined): string {
  const names = Object.keys(asObject(tool?.parameters.properties));
  return names.length > 0 ? ` (parameters of ${tool!.name}: ${names.join(', ')})` : '';
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
