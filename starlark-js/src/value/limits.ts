/** The most bits of one integer: 1 Mbit, about 315,000 digits. */
export const maxIntegerBits: number = 1 << 20;

/** The most UTF-16 code units of one string: 128 Mi, a quarter of what V8 can hold. */
export const maxStringLength: number = 1 << 27;

/** The most elements of one list, tuple or bytes. */
export const maxElements: number = 1 << 27;

/** The most entries of one dict or set; V8's own limit for a Map is 2 ** 24. */
export const maxEntries: number = (1 << 24) - 2;

/** How deep equality, order, hash and text follow nested data. Each level is a few JavaScript frames. */
export const maxNesting = 500;
