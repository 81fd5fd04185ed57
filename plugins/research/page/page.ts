/** What was read of an address. Everything in it but `url`, `fetchedAt` and `notes` was written by others. */
export interface Page {
  /** Where it was found in the end, after redirects. */
  readonly url: string;
  readonly mediaType: string;
  readonly title: string | null;
  readonly byline: string | null;
  readonly site: string | null;
  /** As the page writes it. */
  readonly published: string | null;
  /** Markdown where the source has structure, else the text as it is. */
  readonly text: string;
  /** What the reader of the text has to know, such as that it was cut. */
  readonly notes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number;
}

/** What a reader of one type makes of the bytes. */
export type Content = Pick<Page, 'text' | 'notes'> & Partial<Pick<Page, 'title' | 'byline' | 'site' | 'published'>>;
