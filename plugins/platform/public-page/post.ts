import { ClayError } from '@clay/sdk';

/** What the list of posts tells of one. */
export interface Post {
  /** Its name in the address: `posts/<slug>.html`. */
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  /** ISO 8601. */
  readonly time: string;
  readonly updated: string;
}

const maxSlugLength = 80;
const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Files of the folder that are no posts. */
const reserved = ['index', 'style'];

/** The slug that was asked for, if it is one; else one made of the title. */
export function slugFor(title: string, wanted: string | undefined): string {
  const slug = wanted ?? slugOf(title);
  if (slugPattern.test(slug) && slug.length <= maxSlugLength && !reserved.includes(slug)) return slug;
  const rule = `a slug has 1 to ${maxSlugLength} of a–z, 0–9 and single hyphens, and is none of ${reserved.join(', ')}`;
  throw new ClayError(
    'BAD_ARGUMENTS',
    wanted === undefined
      ? `No address can be made of the title ${JSON.stringify(title)}: give a "slug" (${rule}).`
      : `The slug ${JSON.stringify(wanted)} cannot be used: ${rule}.`,
  );
}

function slugOf(title: string): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.slice(0, maxSlugLength).replaceAll(/^-+|-+$/g, '');
}
