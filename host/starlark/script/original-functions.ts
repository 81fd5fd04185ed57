import { asScriptError, currentRun, EffectRefused, type Effects, hostCall } from '@clay/starlark-stdlib';
import { HostFunction, repr, StarlarkError, type Value } from 'starlark-js';

/** The original's limits: seconds to wait, and bytes of an answer that are given. */
const httpTimeoutMs = 15_000;
const httpShownBytes = 64 * 1024;
const httpMaxBytes = 2 * 1024 * 1024;

/** By the original's convention a failure is a text that begins with `ERROR: `. What ends the script ends it here too. */
async function told(name: string, body: () => Promise<string>): Promise<string> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof StarlarkError || error instanceof EffectRefused) throw asScriptError(name, error);
    return `ERROR: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function send(
  effects: Effects,
  method: string,
  url: string,
  type: string | null,
  body: string | null,
): Promise<string> {
  const response = await effects.http({
    method,
    url,
    headers: type === null ? {} : { 'content-type': type },
    body,
    timeoutMs: httpTimeoutMs,
    maxBytes: httpMaxBytes,
    isCut: true,
  });
  // A character that the cut goes through is left out.
  return new TextDecoder().decode(response.body.subarray(0, httpShownBytes), {
    stream: response.body.length > httpShownBytes,
  });
}

/** The functions that the original had: same names, same conventions. */
export const originalFunctions: readonly HostFunction[] = [
  hostCall(
    'http_get(url: str, /) -> str',
    `The body of a web page.

Waits 15 seconds, gives at most the first 64 KiB, and does not look at the status: \`http.get\` of \`@std//http.star\` does.

Args:
  url: with http:// or https://

Returns:
  the body, or a text that begins with \`ERROR: \`

Example:
  http_get("https://example.org/")`,
    (effects, url: string) => told('http_get', () => send(effects, 'GET', url, null, null)),
  ),
  hostCall(
    'http_post(url: str, body: str, content_type: str = "application/json", /) -> str',
    `Sends a body and gives the answer.

Args:
  url: with http:// or https://
  body: what is sent
  content_type: what it is

Returns:
  as for \`http_get\`

Example:
  http_post("https://example.org/", '{"a": 1}')`,
    (effects, url: string, body: string, type: string | undefined) =>
      told('http_post', () => send(effects, 'POST', url, type ?? 'application/json', body)),
  ),
  hostCall(
    'read_file(path: str, /) -> str',
    `The text of a file.

Args:
  path: from the root of the claw, such as files/weather/last.json

Returns:
  the text, or one that begins with \`ERROR: \`

Example:
  read_file("public/index.html")`,
    (effects, path: string) => told('read_file', () => effects.readFile(path)),
  ),
  hostCall(
    'write_file(path: str, content: str, /) -> str',
    `Writes a file, and makes the folders above it.

Args:
  path: from the root of the claw, such as files/weather/last.json
  content: the whole text

Returns:
  \`Wrote N bytes to PATH\`, or a text that begins with \`ERROR: \`

Example:
  write_file("files/weather/last.json", "{}")`,
    (effects, path: string, content: string) =>
      told('write_file', async () => `Wrote ${await effects.writeFile(path, content)} bytes to ${path}`),
  ),
  new HostFunction(
    'log(*args)',
    (args: readonly Value[]) => {
      currentRun().print(args.map((each) => repr(each)).join(' '));
      return null;
    },
    {
      doc: `Adds a line to the output.

Args:
  *args: shown as a program writes them, texts in quotes, with spaces between them

Example:
  log("found", 3)  # adds "found" 3`,
    },
  ),
];
