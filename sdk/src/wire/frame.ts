import { ClayError } from '../errors.ts';
import type { Framed } from './port.ts';

/** The largest frame, header aside. Larger things travel as streams, or by the store. */
export const maxFrameBytes: number = 8 * 1024 * 1024;
/** Binary parts in one message. */
export const maxBlobs = 256;

const headerBytes = 5;
const kindJson = 1;
const kindJsonWithBlobs = 2;

/**
 * Encodes a message: `u32 length, u8 kind, payload`, big-endian; `length` counts the payload. Kind 1 is JSON. Kind 2 is
 * `u32 length, JSON`, then `u32 length, bytes` for each binary part.
 *
 * @throws ClayError `TOO_LARGE`
 */
export function encodeFrame<M extends Framed>(message: M): Uint8Array {
  const { blobs } = message;
  if (blobs === undefined || blobs.length === 0) {
    // An empty list of parts is none; in the JSON the far side would refuse it.
    const json = Buffer.from(JSON.stringify(blobs === undefined ? message : { ...message, blobs: undefined }), 'utf8');
    return Buffer.concat([header(json.length, kindJson, message), json]);
  }
  if (blobs.length > maxBlobs)
    throw new ClayError(
      'TOO_LARGE',
      `A "${message.type}" message has ${blobs.length} binary parts; ${maxBlobs} are allowed.`,
    );
  const json = Buffer.from(JSON.stringify({ ...message, blobs: undefined }), 'utf8');
  const parts = [json, ...blobs].flatMap((part) => [u32(part.byteLength), part]);
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return Buffer.concat([header(size, kindJsonWithBlobs, message), ...parts]);
}

/** A frame as it came: JSON that is not yet checked, and its binary parts. */
export interface RawFrame {
  readonly json: unknown;
  readonly blobs: readonly Uint8Array[];
}

/**
 * Takes bytes as they come, in pieces of any size, and gives whole frames. Anything that is no frame throws `WIRE`, and
 * then the decoder is done: after one wrong byte nothing that follows can be trusted. It never holds more than one
 * frame, and allocates only for bytes that have come.
 */
export class FrameDecoder {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #failure: ClayError | null = null;

  /** Throws `WIRE`. */
  *push(chunk: Uint8Array): Generator<RawFrame, void, void> {
    if (this.#failure !== null) throw this.#failure;
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    try {
      while (this.#size >= headerBytes) {
        const head = this.#peek(headerBytes);
        const length = head.readUInt32BE(0);
        const kind = head.readUInt8(4);
        if (length === 0) throw wire('a frame of no length');
        if (length > maxFrameBytes) throw wire(`a frame of ${length} bytes; ${maxFrameBytes} are allowed`);
        if (kind !== kindJson && kind !== kindJsonWithBlobs) throw wire(`a frame of the unknown kind ${kind}`);
        if (this.#size < headerBytes + length) return;
        const payload = this.#take(headerBytes + length).subarray(headerBytes);
        yield kind === kindJson ? { json: parseJson(payload), blobs: [] } : parseParts(payload);
      }
    } catch (thrown) {
      this.#failure = thrown instanceof ClayError ? thrown : wire(String(thrown));
      this.#chunks = [];
      this.#size = 0;
      throw this.#failure;
    }
  }

  /** The stream has ended: half a frame is an error. */
  end(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#size > 0) throw wire(`half a frame: the stream ended after ${this.#size} bytes of it`);
  }

  #peek(size: number): Buffer {
    if (this.#chunks[0]!.byteLength < size) this.#chunks = [Buffer.concat(this.#chunks)];
    const first = this.#chunks[0]!;
    return Buffer.from(first.buffer, first.byteOffset, size);
  }

  #take(size: number): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const rest = all.subarray(size);
    this.#chunks = rest.byteLength === 0 ? [] : [rest];
    this.#size = rest.byteLength;
    return Buffer.from(all.buffer, all.byteOffset, size);
  }
}

function parseParts(payload: Buffer): RawFrame {
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.length; ) {
    if (payload.length - at < 4) throw wire('a part without its length');
    const length = payload.readUInt32BE(at);
    at += 4;
    if (length > payload.length - at)
      throw wire(`a part of ${length} bytes in a frame that has ${payload.length - at} left`);
    parts.push(payload.subarray(at, at + length));
    at += length;
    if (parts.length > maxBlobs + 1) throw wire(`more than ${maxBlobs} binary parts`);
  }
  const [json, ...blobs] = parts;
  if (json === undefined) throw wire('a frame without its message');
  // Copies, so that a part that is kept does not keep the whole frame.
  return { json: parseJson(json), blobs: blobs.map((blob) => new Uint8Array(blob)) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(payload: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    throw wire('text that is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wire(`text that is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

function header(length: number, kind: number, message: Framed): Buffer {
  if (length > maxFrameBytes) throw tooLarge(message.type, length);
  const bytes = Buffer.allocUnsafe(headerBytes);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt8(kind, 4);
  return bytes;
}

/** The one wording of a message that no line carries. */
export function tooLarge(type: string, bytes: number): ClayError {
  return new ClayError(
    'TOO_LARGE',
    `A "${type}" message of ${bytes} bytes is too large for the wire: ${maxFrameBytes} are allowed.`,
  );
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}

function wire(what: string): ClayError {
  return new ClayError('WIRE', `The far side sent ${what}.`);
}
