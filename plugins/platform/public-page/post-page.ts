import type { Post } from './post.ts';

/** One page of a post. The text is sanitised HTML; everything else is escaped here. */
export function postPage(post: Post, content: string): string {
  const changed = post.updated === post.time ? '' : ` · changed ${dayOf(post.updated)}`;
  return page({
    title: post.title,
    description: post.summary,
    body: `<article>
<header>
<h1>${escapeHtml(post.title)}</h1>
<p class="when">${dayOf(post.time)}${changed}</p>
</header>
${content.trim()}
</article>`,
    back: { href: './', label: 'All posts' },
  });
}

/** The list of all posts, in the order given. */
export function indexPage(posts: readonly Post[]): string {
  const items = posts.map(
    ({ slug, title, summary, time }) => `<li>
<h2><a href="${slug}.html">${escapeHtml(title)}</a></h2>
<p class="when">${dayOf(time)}</p>
<p>${escapeHtml(summary)}</p>
</li>`,
  );
  const list =
    items.length === 0 ? '<p>Nothing has been written yet.</p>' : `<ul class="posts">\n${items.join('\n')}\n</ul>`;
  return page({
    title: 'Posts',
    description: 'What this claw has written.',
    body: `<h1>Posts</h1>\n${list}`,
    back: { href: '../', label: 'Home' },
  });
}

interface PageParts {
  readonly title: string;
  readonly description: string;
  readonly body: string;
  readonly back: { readonly href: string; readonly label: string };
}

/** No script and no inline style, so that the strictest policy of a server lets it through whole. */
function page({ title, description, body, back }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${escapeHtml(description)}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
<nav><a href="${back.href}">← ${back.label}</a></nav>
<main>
${body}
</main>
</body>
</html>
`;
}

function dayOf(iso: string): string {
  const day = new Date(iso).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `<time datetime="${escapeHtml(iso)}">${day}</time>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** The looks of the posts, laid out once: whoever wants others changes the file. */
export const postStyle = `:root {
  color-scheme: light dark;
  --ink: light-dark(#1c1e21, #e4e6ea);
  --soft: light-dark(#5f6670, #9aa2ad);
  --paper: light-dark(#fcfcfa, #121417);
  --panel: light-dark(#f0f0ec, #1c2025);
  --line: light-dark(#dcdcd6, #2c3138);
  --link: light-dark(#9a3f12, #f2a36b);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 44rem;
  padding: 1.25rem max(1.25rem, env(safe-area-inset-right)) 4rem max(1.25rem, env(safe-area-inset-left));
  background: var(--paper);
  color: var(--ink);
  font: 1.0625rem/1.65 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere;
  -webkit-text-size-adjust: 100%;
}
nav { font-size: 0.9375rem; }
nav a { display: inline-block; padding: 0.5rem 0; text-decoration: none; }
a { color: var(--link); text-underline-offset: 0.15em; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: clamp(1.75rem, 7vw, 2.5rem); margin: 1rem 0 0.25rem; letter-spacing: -0.02em; }
h2 { font-size: 1.375rem; margin: 2.25rem 0 0.5rem; }
h3 { font-size: 1.125rem; margin: 1.75rem 0 0.5rem; }
.when { margin: 0 0 1.5rem; color: var(--soft); font-size: 0.9375rem; }
img { max-width: 100%; height: auto; border-radius: 0.5rem; }
pre { overflow-x: auto; padding: 0.875rem 1rem; border-radius: 0.5rem; background: var(--panel); font-size: 0.875rem; line-height: 1.5; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.9em; }
:not(pre) > code { padding: 0.1em 0.35em; border-radius: 0.3em; background: var(--panel); }
pre code { font-size: 1em; overflow-wrap: normal; }
blockquote { margin: 1.25rem 0; padding: 0 0 0 1rem; border-left: 3px solid var(--link); color: var(--soft); }
table { display: block; margin: 1rem 0; overflow-x: auto; max-width: 100%; border-collapse: collapse; font-size: 0.9375rem; overflow-wrap: normal; }
th, td { padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:not([align]) { text-align: left; }
th { color: var(--soft); font-weight: 600; }
hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
ul, ol { padding-left: 1.4rem; }
.posts { list-style: none; padding: 0; }
.posts li { padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
.posts h2 { margin: 0; }
.posts h2 a { text-decoration: none; }
.posts .when { margin: 0.125rem 0 0.5rem; }
.posts p { margin: 0; }
`;
