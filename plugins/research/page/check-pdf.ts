import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { ClayError } from '@clay/sdk';

const unpack = promisify(inflate);

/** A page of text is a few hundred kilobytes; the reader holds a stream as a whole. */
const maxStreamBytes = 32_000_000;
const maxTotalBytes = 200_000_000;
/** What stands before a stream is its dictionary. */
const dictionaryBytes = 512;

/**
 * Refuses a PDF whose streams unpack to more than anybody reads: the reader would take gigabytes for a file of a few hundred
 * kilobytes. Pictures are left out, as they are not unpacked for their text.
 */
export async function checkPdf(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = 0;
  for (let at = file.indexOf('stream'); at >= 0; at = file.indexOf('stream', at + 6)) {
    if (file.subarray(Math.max(0, at - 3), at).toString('latin1') === 'end') continue;
    const dictionary = file.subarray(Math.max(0, at - dictionaryBytes), at).toString('latin1');
    const own = dictionary.slice(dictionary.lastIndexOf(' obj') + 1);
    if (/\/Subtype\s*\/Image/.test(own)) continue;
    if (/(FlateDecode|LZWDecode)[\s/A-Za-z0-9]*(FlateDecode|LZWDecode)/.test(own))
      throw tooLarge('a stream is packed twice');
    signal.throwIfAborted();
    total += await unpackedBytes(file.subarray(at + (file[at + 6] === 13 ? 8 : 7)));
    if (total > maxTotalBytes) throw tooLarge(`its streams unpack to more than ${maxTotalBytes} bytes`);
  }
}

async function unpackedBytes(packed: Buffer): Promise<number> {
  // The head of zlib's format: all others are not packed by it, and the reader unpacks them as they are.
  if (packed.length < 2 || (packed[0]! & 15) !== 8 || ((packed[0]! << 8) | packed[1]!) % 31 !== 0) return 0;
  try {
    return (await unpack(packed, { maxOutputLength: maxStreamBytes })).byteLength;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(`a stream unpacks to more than ${maxStreamBytes} bytes`);
    // Broken, or no stream at all: the reader finds out, and reads no more of it than there is.
    return 0;
  }
}

function tooLarge(why: string): ClayError {
  return new ClayError('TOO_LARGE', `The PDF is not read: ${why}.`);
}
