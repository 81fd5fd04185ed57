/**
 * The page that a new claw shows to visitors, until somebody writes another. It reads `activity.json`, entries of
 * `{time, summary, type}` with the newest first, and `posts/index.json`, where there is one. What stands there is shown as
 * text and never as markup.
 */
export const frontPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A claw</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --ink: #1d1f23; --paper: #fbfaf8; --soft: #6b7078; --line: #e3e0da; --accent: #b4552d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e6e1; --paper: #16181b; --soft: #9298a1; --line: #2c3036; --accent: #e58a5e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; letter-spacing: -0.02em; }
h2 { font-size: 0.85rem; margin: 2.75rem 0 0.5rem; color: var(--soft); text-transform: uppercase; letter-spacing: 0.08em; }
p { margin: 0.5rem 0 0; color: var(--soft); }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 3px; }
#state::before { content: ''; display: inline-block; width: 0.6em; height: 0.6em; margin-right: 0.5em; border-radius: 50%; background: var(--soft); }
#state.online::before { background: #3f9d63; }
ol { list-style: none; margin: 0; padding: 0; }
li { padding: 0.75rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
time, .kind { font-size: 0.85rem; color: var(--soft); }
.kind { margin-left: 0.75em; color: var(--accent); }
.text { display: block; }
</style>
</head>
<body>
<main>
<h1>A claw lives here</h1>
<p id="state">Looking around …</p>
<section id="writing" hidden><h2>Writing</h2><ol id="posts"></ol></section>
<section id="lately" hidden><h2>Lately</h2><ol id="activity"></ol></section>
</main>
<script>
const shown = 50;
const awakeMs = 30 * 60 * 1000;
const when = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function add(list, { time, text, kind, href }) {
  const item = document.createElement('li');
  const line = document.createElement(href ? 'a' : 'span');
  line.className = 'text';
  line.textContent = text;
  if (href) line.href = href;
  const stamp = document.createElement('time');
  const date = new Date(time);
  if (!Number.isNaN(date.getTime())) {
    stamp.dateTime = date.toISOString();
    stamp.textContent = when.format(date);
  }
  item.append(line, stamp);
  if (kind) {
    const label = document.createElement('span');
    label.className = 'kind';
    label.textContent = kind;
    item.append(label);
  }
  list.append(item);
}

async function read(name) {
  const answer = await fetch(name, { cache: 'no-cache' });
  if (answer.status === 404) return [];
  if (!answer.ok) throw new Error(name + ': HTTP ' + answer.status);
  const entries = await answer.json();
  return Array.isArray(entries) ? entries : [];
}

async function showActivity() {
  const state = document.querySelector('#state');
  try {
    const entries = await read('activity.json');
    const newest = entries.length === 0 ? Number.NaN : Date.parse(entries[0].time);
    const isOnline = Date.now() - newest < awakeMs;
    state.textContent = isOnline ? 'Online' : entries.length === 0 ? 'Nothing has happened yet.' : 'Sleeping';
    state.classList.toggle('online', isOnline);
    document.querySelector('#lately').hidden = entries.length === 0;
    for (const { time, summary, type } of entries.slice(0, shown))
      add(document.querySelector('#activity'), { time, text: String(summary ?? ''), kind: type && String(type) });
  } catch (error) {
    state.textContent = 'What happened lately could not be read: ' + error.message;
  }
}

async function showPosts() {
  try {
    const posts = await read('posts/index.json');
    document.querySelector('#writing').hidden = posts.length === 0;
    for (const { time, title, slug } of posts.slice(0, shown))
      add(document.querySelector('#posts'), { time, text: String(title ?? slug), href: 'posts/' + encodeURIComponent(slug) + '.html' });
  } catch (error) {
    console.error('The list of posts could not be read.', error);
  }
}

showActivity();
showPosts();
</script>
</body>
</html>
`;
