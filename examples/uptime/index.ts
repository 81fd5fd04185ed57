import { type Call, ClayError, definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { checkSite } from './check-site.ts';
import { type Site, SiteLog, siteMigrations } from './site-log.ts';
import { judge } from './site-state.ts';
import { formatTime, renderStatusPage } from './status-page.ts';

const minuteMs = 60_000;
const maxSites = 100;
const sendCapability = 'service:chat.send';

const name = z.string().trim().min(1).max(60).describe('What people call it, such as Shop. Shown on the public page.');

export default definePlugin({
  name: 'uptime',
  config: z.strictObject({
    title: z.string().default('Status').describe('Heading of the public page.'),
    everyMinutes: z.int().min(1).max(1440).default(5),
    failuresToDown: z.int().min(1).max(10).default(2).describe('Failed checks in a row until a site counts as down.'),
  }),
  setup(ctx) {
    ctx.store.migrations(siteMigrations);
    const log = new SiteLog(ctx.store, ctx.clock);

    const check = async (site: Site, signal: AbortSignal): Promise<void> => {
      const result = await checkSite(ctx.http, ctx.clock, site.url, signal);
      await log.record(site, result, judge(site, result.isUp, ctx.config.failuresToDown));
    };

    /** Told first, then noted as told: after a crash in between, the key makes the second message the first one again. */
    const tell = async (site: Site, signal: AbortSignal): Promise<void> => {
      const since = formatTime(site.since);
      const text =
        site.state === 'down'
          ? `${site.name} is down since ${since}: ${site.reason}`
          : `${site.name} is up again since ${since}.`;
      try {
        await ctx.call(sendCapability, { text }, { signal, key: `${site.name} ${site.state} ${site.since}` });
      } catch (error) {
        // A claw without a channel watches all the same; one whose channel is away hears of it at the next round.
        if (!(error instanceof ClayError)) throw error;
        ctx.log.warn('not.told', { site: site.name, state: site.state, code: error.code, reason: error.message });
        if (error.code !== 'CAPABILITY_UNKNOWN') return;
      }
      await log.markTold(site.name, site.state);
    };

    const runRound = async ({ signal }: Pick<Call, 'signal'>): Promise<void> => {
      await Promise.all((await log.list()).map((site) => check(site, signal)));
      for (const site of await log.list()) {
        if (site.state !== 'unknown' && site.state !== site.told) await tell(site, signal);
      }
    };

    ctx.schedule({ name: 'check', everyMs: ctx.config.everyMinutes * minuteMs, run: runRound });

    ctx.tool({
      name: 'site_watch',
      description: 'Watches a web address from now on, and tells when it goes down or comes back.',
      parameters: z.strictObject({ name, url: z.url({ protocol: /^https?$/ }) }),
      idempotent: true,
      run: async ({ name, url }) => {
        const sites = await log.list();
        if (sites.length >= maxSites && !sites.some((site) => site.name === name))
          throw new ClayError('TOO_LARGE', `${sites.length} sites are watched, and no more can be. Remove one first.`);
        await log.add(name, url);
        return { watching: name, everyMinutes: ctx.config.everyMinutes, page: `/plugins/${ctx.plugin.name}/` };
      },
    });

    ctx.tool({
      name: 'site_unwatch',
      description: 'Stops watching a site, and forgets its history.',
      parameters: z.strictObject({ name }),
      run: async ({ name }) => {
        await log.remove(name);
        return { removed: name };
      },
    });

    ctx.tool({
      name: 'site_status',
      description: 'The watched sites: state, since when, why, and how often they were up.',
      readOnly: true,
      idempotent: true,
      run: async () => ({
        sites: (await log.list()).map(({ told: _, failures: __, since, ...site }) => ({
          ...site,
          since: new Date(since).toISOString(),
        })),
      }),
    });

    ctx.route({
      method: 'GET',
      path: '/',
      access: 'public',
      handle: async () => ({
        headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'max-age=30' },
        body: renderStatusPage(ctx.config.title, await log.list(), ctx.clock.now()),
      }),
    });
  },
});
