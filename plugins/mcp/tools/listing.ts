import { createHash } from 'node:crypto';
import type { Json, JsonObject, JsonSchema } from '@clay/sdk';
import type { ServerDefinition } from '../config.ts';
import { cleanSchema, maxSchemaChars } from './clean-schema.ts';
import { cleanText } from './clean-text.ts';

/** A tool of a server under the name that the model sees. */
export interface ListedTool extends JsonObject {
  readonly name: string;
  /** As the server calls it. */
  readonly original: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

/** What a server has, as far as it is used. */
export interface Listing extends JsonObject {
  /** Of the server that was asked. */
  readonly pin: string;
  readonly tools: readonly ListedTool[];
  /** What was renamed, cut or left out, for people and the model. */
  readonly notes: readonly string[];
}

/** What a server says of a tool. */
export interface ForeignTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface ListingOptions {
  readonly server: string;
  readonly pin: string;
  readonly only: ServerDefinition['only'];
  readonly maxTools: number;
}

const maxNameChars = 64;
const descriptionChars = 1000;
const maxListingChars = 400_000;
const maxNotes = 20;

/** Makes of a server's own list what the model is offered. */
export function createListing(tools: readonly ForeignTool[], { server, pin, only, maxTools }: ListingOptions): Listing {
  const listed: ListedTool[] = [];
  const notes: string[] = [];
  const taken = new Set<string>();
  const wanted = tools.filter(({ name }) => only?.includes(name) ?? true);
  const missing = only?.filter((name) => !tools.some((tool) => tool.name === name)) ?? [];
  if (missing.length > 0) notes.push(`It has no tool ${missing.join(', ')}, which "only" names.`);
  const seen = new Set<string>();
  let chars = 0;
  for (const tool of wanted) {
    const original = cleanText(tool.name, 100);
    if (seen.has(tool.name)) {
      notes.push(`It has two tools ${original}; the first is used.`);
      continue;
    }
    seen.add(tool.name);
    const parameters = cleanSchema(tool.inputSchema as JsonObject);
    if (parameters === null)
      notes.push(
        `${original}: its parameters take more than ${maxSchemaChars} characters; they are shown as any object.`,
      );
    const name = offeredName(server, tool.name, taken);
    if (name !== `${server}_${tool.name}`) notes.push(`${original} is called ${name} here.`);
    const made: ListedTool = {
      name,
      original: tool.name,
      description: `[MCP server ${server}] ${cleanText(tool.description ?? '', descriptionChars)}`.trim(),
      parameters: parameters ?? { type: 'object' },
    };
    chars += JSON.stringify(made as Json).length;
    if (listed.length >= maxTools || chars > maxListingChars) {
      notes.push(
        `Of its ${wanted.length} tools the first ${listed.length} are used; name those you want in "only" of the server.`,
      );
      break;
    }
    taken.add(name);
    listed.push(made);
  }
  const more = notes.length - maxNotes;
  return { pin, tools: listed, notes: more > 0 ? [...notes.slice(0, maxNotes), `And ${more} more notes.`] : notes };
}

/** Within the rules of names, and no other tool's: what does not fit is marked by its own digest, so that it stays the same. */
function offeredName(server: string, tool: string, taken: ReadonlySet<string>): string {
  const plain = `${server}_${tool}`;
  const fits = /^[a-zA-Z0-9_-]+$/.test(tool) && plain.length <= maxNameChars && !taken.has(plain);
  if (fits) return plain;
  const digest = createHash('sha256').update(tool).digest('hex').slice(0, 8);
  const readable = `${server}_${tool.replaceAll(/[^a-zA-Z0-9_-]+/g, '_')}`.slice(0, maxNameChars - 9);
  return `${readable}_${digest}`;
}
