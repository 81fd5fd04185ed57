import type { Context } from '@clay/sdk';
import { z } from 'zod';
import { ActivityList } from './activity.ts';
import { createTurns } from './in-turn.ts';
import { Posts } from './posts.ts';

const maxBody = 200_000;

const postParameters = z.strictObject({
  title: z.string().trim().min(1).max(200),
  body: z
    .string()
    .trim()
    .min(1)
    .max(maxBody)
    .describe('Markdown. HTML in it is sanitised: no scripts, styles or frames.'),
  summary: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe('One or two sentences for the list. Default: how the text begins.'),
  slug: z.string().optional().describe('Its name in the address, such as first-week. Default: made of the title.'),
  replace: z.boolean().optional().describe('Change the post that has this slug. Without it nothing is overwritten.'),
});
const removeParameters = z.strictObject({ slug: z.string() });
const activityParameters = z.strictObject({
  summary: z.string().trim().min(1).max(500).describe('What was done, in one sentence that anybody may read.'),
  type: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,29}$/, 'must be a short word such as update, post, task or research')
    .default('update'),
});

/** The tools by which the agent tells the world what it did. They need no platform. */
export function declarePublishing(ctx: Pick<Context, 'tool' | 'files' | 'clock'>): void {
  const posts = new Posts(ctx.files, ctx.clock);
  const activities = new ActivityList(ctx.files, ctx.clock);
  const inTurn = createTurns();

  ctx.tool({
    name: 'publish_post',
    effect: 'post',
    description:
      'Publishes a post on the public page, which everybody can read: gives its path. Also notes it in the activity list. To change a post, publish it again with its slug and replace.',
    parameters: postParameters,
    parallel: false,
    run: (draft) =>
      inTurn(async () => {
        // A list that cannot be continued is told before anything is published.
        await activities.read();
        const { post, isNew } = await posts.publish(draft);
        await activities.add(`${isNew ? 'Published' : 'Changed'} “${post.title}”`, 'post');
        return {
          message: `${isNew ? 'Published' : 'Changed'} "${post.title}"`,
          path: `/posts/${post.slug}.html`,
          file: `public/posts/${post.slug}.html`,
          post: { ...post },
        };
      }),
  });
  ctx.tool({
    name: 'remove_post',
    effect: 'post',
    description: 'Takes a post off the public page for good.',
    parameters: removeParameters,
    parallel: false,
    run: ({ slug }) =>
      inTurn(async () => {
        const post = await posts.remove(slug);
        return { message: `Removed "${post.title}"` };
      }),
  });
  ctx.tool({
    name: 'publish_activity',
    effect: 'post',
    description: 'Tells on the public page what you did, in one line: newest first, the last 200 are kept.',
    parameters: activityParameters,
    parallel: false,
    run: ({ summary, type }) =>
      inTurn(async () => {
        const { entry, count } = await activities.add(summary, type);
        return { message: 'Added to the public page', entry: { ...entry }, count };
      }),
  });
}
