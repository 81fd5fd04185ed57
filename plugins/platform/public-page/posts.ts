import { ClayError, type Clock, type Files, markdownToHtml } from '@clay/sdk';
import { z } from 'zod';
import { onOneLine, parseJson, readIfThere } from './activity.ts';
import { type Post, slugFor } from './post.ts';
import { indexPage, postPage, postStyle } from './post-page.ts';

export interface PostDraft {
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly summary?: string | undefined;
  readonly slug?: string | undefined;
  /** Take the place of a post of the same slug. */
  readonly replace?: boolean | undefined;
}

export interface PublishedPost {
  readonly post: Post;
  readonly isNew: boolean;
}

const folder = 'public/posts';
/** What is there, newest first: the front page shows it. */
const listPath = `${folder}/index.json`;
const stylePath = `${folder}/style.css`;
const summaryLength = 200;

const storedPosts = z.array(
  z.strictObject({
    slug: z.string(),
    title: z.string(),
    summary: z.string(),
    time: z.string(),
    updated: z.string(),
  }),
);

/** The posts of the public page: for each its Markdown and its page, and for all a list for people and one for programs. */
export class Posts {
  readonly #files: Files;
  readonly #clock: Clock;

  constructor(files: Files, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** The page is there before the list names it: a reader never meets a link to nothing. */
  async publish(draft: PostDraft): Promise<PublishedPost> {
    const title = onOneLine(draft.title);
    const slug = slugFor(title, draft.slug);
    const posts = await this.list();
    const old = posts.find((post) => post.slug === slug);
    if (draft.replace !== true) await this.#requireFree(slug, old);
    const { content, beginning } = await render(draft.body);
    const now = new Date(this.#clock.now()).toISOString();
    const summary = draft.summary === undefined ? beginning : onOneLine(draft.summary);
    const post = { slug, title, summary, time: old?.time ?? now, updated: now };
    await this.#files.write(`${folder}/${slug}.md`, draft.body);
    await this.#files.write(`${folder}/${slug}.html`, postPage(post, content));
    if ((await readIfThere(this.#files, stylePath)) === null) await this.#files.write(stylePath, postStyle);
    await this.#writeList([post, ...posts.filter((one) => one.slug !== slug)]);
    return { post, isNew: old === undefined };
  }

  /** The list loses the post before its page goes. */
  async remove(slug: string): Promise<Post> {
    const posts = await this.list();
    const post = posts.find((one) => one.slug === slug);
    if (post === undefined) {
      const known = posts.map((one) => one.slug).join(', ') || 'none';
      throw new ClayError('NOT_FOUND', `There is no post ${JSON.stringify(slug)}. Posts: ${known}.`);
    }
    await this.#writeList(posts.filter((one) => one !== post));
    for (const extension of ['html', 'md']) await this.#files.remove(`${folder}/${slug}.${extension}`);
    return post;
  }

  async list(): Promise<readonly Post[]> {
    const text = await readIfThere(this.#files, listPath);
    if (text === null) return [];
    const parsed = storedPosts.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new ClayError(
      'CONFLICT',
      `${listPath} is not the list of posts that it was: ${z.prettifyError(parsed.error)}. Mend it or remove it; nothing was changed.`,
    );
  }

  async #requireFree(slug: string, old: Post | undefined): Promise<void> {
    const page = `${folder}/${slug}.html`;
    if (old === undefined && (await readIfThere(this.#files, page)) === null) return;
    const what = old === undefined ? page : `The post ${JSON.stringify(slug)} (${old.title})`;
    throw new ClayError(
      'CONFLICT',
      `${what} is there already. Say "replace": true to change it, or give another "slug".`,
    );
  }

  async #writeList(posts: readonly Post[]): Promise<void> {
    const sorted = [...posts].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
    await this.#files.write(listPath, `${JSON.stringify(sorted, null, 2)}\n`);
    await this.#files.write(`${folder}/index.html`, indexPage(sorted));
  }
}

/** The text as HTML that may be shown, and what of it stands in the list when nobody has written a summary. */
async function render(markdown: string): Promise<{ readonly content: string; readonly beginning: string }> {
  // Loaded by whoever publishes: a claw that never does needs no parser of HTML.
  const { sanitize, textOfHtml } = await import('./sanitize.ts');
  try {
    const content = sanitize(await markdownToHtml(markdown.toWellFormed()));
    const beginning = beginningOf(content, textOfHtml);
    if (textOfHtml(content).trim() !== '' || content.includes('<img')) return { content, beginning };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ClayError('BAD_ARGUMENTS', 'The body is nested too deep to be rendered.', { cause: error });
  }
  throw new ClayError(
    'BAD_ARGUMENTS',
    'Nothing of the body is left to show: write it as Markdown, without scripts and styles.',
  );
}

/** What the first paragraph says; of a text without one, what there is. */
function beginningOf(content: string, textOfHtml: (html: string) => string): string {
  const paragraph = /<p>([\s\S]*?)<\/p>/.exec(content)?.[1];
  const spaced = (paragraph ?? content).replaceAll(/<\/(li|h[2-6]|td|th|pre)>/g, '$& ');
  const text = onOneLine(textOfHtml(spaced));
  return text.length <= summaryLength
    ? text
    : `${text
        .slice(0, summaryLength)
        .toWellFormed()
        .replace(/\s\S*$/, '')}…`;
}
