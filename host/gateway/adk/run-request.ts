import { z } from '../../schema.ts';

/** Python clients of the ADK API send snake case and nulls, the web UI camel case: all are read as camel case. */
export function camelKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(given.map(([key, item]) => [toCamel(key), item]));
}

function toCamel(key: string): string {
  return key.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

const data = z.record(z.string(), z.unknown());
const named = <Shape extends z.ZodRawShape>(shape: Shape) => z.preprocess(camelKeys, z.object(shape));

const part = named({
  text: z.string().exactOptional(),
  thought: z.boolean().exactOptional(),
  inlineData: named({
    mimeType: z.string().exactOptional(),
    data: z.string().exactOptional(),
    displayName: z.string().exactOptional(),
  }).exactOptional(),
  fileData: named({
    mimeType: z.string().exactOptional(),
    fileUri: z.string().exactOptional(),
    displayName: z.string().exactOptional(),
  }).exactOptional(),
  functionCall: named({
    id: z.string().exactOptional(),
    name: z.string().exactOptional(),
    args: data.exactOptional(),
  }).exactOptional(),
  functionResponse: named({
    id: z.string().exactOptional(),
    name: z.string().exactOptional(),
    response: data.exactOptional(),
  }).exactOptional(),
});

/** `POST /run` and `POST /run_sse`. */
export const runRequest = named({
  appName: z.string(),
  userId: z.string(),
  sessionId: z.string(),
  newMessage: z.object({ role: z.string().exactOptional(), parts: z.array(part).min(1) }),
  streaming: z.boolean().exactOptional(),
  stateDelta: data.exactOptional(),
});

/** `POST …/sessions` and `POST …/sessions/:session`; the body may be missing. */
export const createSessionRequest = z.preprocess(
  (value) => camelKeys(value ?? {}),
  z.object({
    sessionId: z.string().exactOptional(),
    state: data.exactOptional(),
    events: z.array(z.record(z.string(), z.unknown())).exactOptional(),
  }),
);

/** `PATCH …/sessions/:session`. */
export const patchSessionRequest = named({ stateDelta: data });

/** `POST …/sessions/:session/rewind`: exactly one way to say how far. */
export const rewindRequest = named({
  rewindBeforeInvocationId: z.string().exactOptional(),
  turns: z.int().min(1).exactOptional(),
}).refine((value) => (value.rewindBeforeInvocationId === undefined) !== (value.turns === undefined), {
  message: 'Give either rewindBeforeInvocationId or turns.',
});

export type RunRequest = z.output<typeof runRequest>;
