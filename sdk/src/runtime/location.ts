import { type Failure, toFailure } from '../errors.ts';

/** The failure of what was thrown. What was not thrown on purpose tells its author where, as `data.location`. */
export function locatedFailure(thrown: unknown): Failure {
  const failure = toFailure(thrown);
  const location = failure.code === 'INTERNAL' && failure.data === undefined ? locate(thrown) : null;
  return location === null ? failure : { ...failure, data: { location } };
}

/** Where in the plugin's own source an error came from: the first frame that is neither Node's nor the SDK's. */
export function locate(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || thrown.stack === undefined) return null;
  for (const line of thrown.stack.split('\n').slice(1)) {
    // From its beginning: what follows `node:` in a frame of Node's looks like a path as well.
    const place = /(?:\(|^at (?:async )?)((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    if (place === undefined) continue;
    const path = place.startsWith('file://') ? decodeURIComponent(place.slice('file://'.length)) : place;
    if (!isForeign(path)) return fromBundle(path);
  }
  return locate(thrown.cause);
}

const own = decodeURIComponent(new URL(import.meta.url).pathname);
// As sources the SDK is a folder, whose tests are plugins too; in a bundle it is the file that holds this line.
const sdkFolder = own.endsWith('/src/runtime/location.ts') ? own.slice(0, -'runtime/location.ts'.length) : null;

/** A bundle's sources are told as their author knows them: from the folder that they were in. */
function fromBundle(path: string): string {
  const folder = own.slice(0, own.lastIndexOf('/') + 1);
  return sdkFolder === null && path.startsWith(folder) ? path.slice(folder.length) : path;
}

function isForeign(path: string): boolean {
  if (path.includes('/node_modules/')) return true;
  // A bundle's frames show the sources when it has a source map, else the bundle itself.
  if (sdkFolder === null) return path.startsWith(`${own}:`) || /\/sdk\/src\/[\w/-]+\.ts:/.test(path);
  return path.startsWith(sdkFolder) && !/\.test\.ts:/.test(path);
}
