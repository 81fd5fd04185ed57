import { type Call, type Context, definePlugin, type JsonObject, toFailure } from '@clay/sdk';
import { z } from 'zod';
import { type ResearchConfig, researchConfig } from './config.ts';
import { researchAgent } from './research-agent.ts';
import { createBrave } from './search/brave.ts';
import { createDuckDuckGo } from './search/duckduckgo.ts';
import { searchWeb } from './search/search-web.ts';
import { createSearxng } from './search/searxng.ts';
import { createWikipedia } from './search/wikipedia.ts';
import { tellFound, tellPage } from './told.ts';
import { Pace } from './web/pace.ts';
import { PageCache, pageMigrations } from './web/page-cache.ts';
import { PageReader } from './web/page-reader.ts';
import { Robots } from './web/robots.ts';

const maxResults = 20;
const maxPages = 10;

const searchParameters = z.strictObject({
  query: z.string().trim().min(1).max(500).describe('What to search for.'),
  limit: z.int().min(1).max(maxResults).default(10).describe('Results at most.'),
});
const fetchParameters = z.strictObject({
  url: z.string().min(1).describe('The address, with https:// or http://.'),
  start: z.int().min(0).default(0).describe('Where to go on in a long page: next_start of the part before.'),
  whole: z.boolean().default(false).describe('The whole page with its menus and lists, not only its article.'),
  fresh: z.boolean().default(false).describe('Fetch it again, also if it was read a moment ago.'),
});
const readParameters = z.strictObject({
  urls: z.array(z.string().min(1)).min(1).max(maxPages).describe('Addresses of pages, read side by side.'),
  start: fetchParameters.shape.start,
  whole: fetchParameters.shape.whole,
});

export default definePlugin({
  name: 'research',
  config: researchConfig,
  setup(ctx) {
    ctx.store.migrations(pageMigrations);
    const { config, http, secrets, clock } = ctx;
    const pages = createPageReader(ctx);
    const groups = [
      [createBrave(http, secrets)],
      [createSearxng(http, config.searxngUrl)],
      [createDuckDuckGo(http, clock), createWikipedia(http, config.wikipediaLanguage)],
    ];

    ctx.tool({
      name: 'web_search',
      description: 'Searches the web: titles, addresses and snippets. Read what matters with web_fetch or web_read.',
      parameters: searchParameters,
      idempotent: true,
      run: async ({ query, limit }, { signal }) => tellFound(query, await searchWeb(groups, { query, limit, signal })),
    });

    const fetchPage = async (args: z.infer<typeof fetchParameters>, call: Call) => {
      const { url, start, whole: isWhole, fresh: isFresh } = args;
      call.progress(`reading ${url.slice(0, 200)}`);
      const page = await pages.read(url, { isWhole, isFresh, isCrawl: false, signal: call.signal });
      return tellPage(page, start, config.pageChars);
    };
    const fetchTool = { parameters: fetchParameters, idempotent: true, run: fetchPage };
    ctx.tool({
      name: 'web_fetch',
      description:
        'Reads one page of the web: an article as Markdown with its links and tables, a PDF, JSON or text. A long one comes in parts.',
      ...fetchTool,
    });
    // The name by which instructions, skills and memories of older claws know it.
    ctx.tool({ name: 'webfetch', description: 'The same as web_fetch.', ...fetchTool });

    ctx.tool({
      name: 'web_read',
      description: `Reads up to ${maxPages} pages side by side, shortened so that all fit; web_fetch or "start" gives the rest of one. Leaves out what sites do not want programs to read.`,
      parameters: readParameters,
      idempotent: true,
      timeoutMs: 180_000,
      run: async ({ urls, start, whole: isWhole }, call) => {
        const wanted = [...new Set(urls)];
        const chars = Math.floor(config.pageChars / wanted.length);
        const request = { isWhole, isFresh: false, isCrawl: true, signal: call.signal };
        const told = await Promise.all(wanted.map((url) => readOne(url)));
        return { read: told.filter(({ error }) => error === undefined).length, pages: told };

        async function readOne(url: string): Promise<JsonObject> {
          call.progress(`reading ${url.slice(0, 200)}`);
          try {
            return tellPage(await pages.read(url, request), start, chars);
          } catch (error) {
            call.signal.throwIfAborted();
            return { url, ...(toFailure(error) as unknown as JsonObject) };
          }
        }
      },
    });

    ctx.agent(researchAgent);
  },
});

function createPageReader(ctx: Context<ResearchConfig>): PageReader {
  const { http, store, clock, config } = ctx;
  const { searxngUrl, maxBytes, timeoutMs, hostDelayMs, cacheMinutes, cacheBytes } = config;
  return new PageReader({
    http,
    clock,
    pace: new Pace(clock),
    robots: new Robots(http, clock),
    cache: new PageCache({ store, clock, maxAgeMs: cacheMinutes * 60_000, maxBytes: cacheBytes }),
    maxBytes,
    timeoutMs,
    hostDelayMs,
    render: config.renderer === 'markdown' ? null : (html) => renderByBrowser(ctx, html),
    closedOrigins: searxngUrl === null ? [] : [new URL(searxngUrl).origin],
  });
}

async function renderByBrowser(ctx: Pick<Context, 'call'>, html: string): Promise<string> {
  const { text } = (await ctx.call('service:text-browser.render', { html })) as { readonly text: string };
  return text;
}
