/**
 * Text files of this claw, as far as the plugin's `fs.read` and `fs.write` permissions reach. Paths are relative to the
 * claw's root, as permissions write them: `public/index.html`, `soul/SOUL.md`, and `files/<plugin>/…` for what a plugin
 * keeps (`data/files` on the disk). Links are resolved before permissions are checked. Databases, tokens, `.env` and
 * `clay.json` are refused whatever was granted.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'diary',
 *   permissions: ['fs.read:files/diary', 'fs.write:files/diary'],
 *   setup(ctx) {
 *     ctx.tool({
 *       name: 'diary',
 *       description: 'Writes one entry into the diary.',
 *       parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
 *       run: async ({ text }) => {
 *         const entries = await ctx.files.list('files/diary');
 *         const path = `files/diary/${entries.length + 1}.txt`;
 *         const bytes = await ctx.files.write(path, String(text));
 *         return { path, bytes, text: await ctx.files.read(path) };
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface Files {
  /**
   * The whole text of a file. `NOT_FOUND`: there is none; `REFUSED`: no permission, or no regular file; `TOO_LARGE`:
   * beyond 6 MiB; `BAD_ARGUMENTS`: not UTF-8.
   */
  read(path: string): Promise<string>;
  /**
   * Replaces a file as a whole, or makes it with the folders above it. A reader sees the old text or the new one. Gives
   * the number of bytes; `TOO_LARGE` beyond 6 MiB.
   */
  write(path: string, text: string): Promise<number>;
  /** What lies in a folder, by name. A granted folder that nobody has made yet is empty. */
  list(path: string): Promise<readonly FileEntry[]>;
  /** Removes a file or an empty folder; gives whether there was one. */
  remove(path: string): Promise<boolean>;
}

/** What {@link Files.list} tells of a name. */
export interface FileEntry {
  readonly name: string;
  /** `other`: a link, a device, a pipe. */
  readonly kind: 'file' | 'folder' | 'other';
  /** 0 for what is not a file. */
  readonly bytes: number;
}
