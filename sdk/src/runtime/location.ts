/** Where in the plugin's own source an error came from: the first frame that is neither Node's nor the SDK's. */
export function locate(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || thrown.stack === undefined) return null;
  for (const line of thrown.stack.split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    if (place === undefined || isForeign(place)) continue;
    return place.startsWith('file://') ? decodeURIComponent(place.slice('file://'.length)) : place;
  }
  return locate(thrown.cause);
}

const sdkFolder = new URL('..', import.meta.url).pathname;

// The SDK's tests are plugins too, and live in its folder.
function isForeign(place: string): boolean {
  const path = place.replace(/^file:\/\//, '');
  return path.includes('/node_modules/') || (path.startsWith(sdkFolder) && !/\.test\.ts:/.test(path));
}
