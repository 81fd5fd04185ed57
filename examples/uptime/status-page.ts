import { type Html, html } from './html.ts';
import type { Site } from './site-log.ts';

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
  table { width: 100%; border-collapse: collapse }
  th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #8884 }
  .up { color: #18794e } .down { color: #cd2b31 } .unknown { color: #888 }
`;

/** What everybody may see: names and states. Addresses and reasons stay with the operator. */
export function renderStatusPage(title: string, sites: readonly Site[], now: number): string {
  const down = sites.filter(({ state }) => state === 'down').length;
  const summary = down === 0 ? 'All is well.' : `${down} of ${sites.length} sites ${down === 1 ? 'is' : 'are'} down.`;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta http-equiv="refresh" content="60">
    <title>${title}</title>
    <style>${style}</style>
  </head>
  <body>
    <h1>${title}</h1>
    <p>${sites.length === 0 ? 'Nothing is watched.' : summary}</p>
    <table>
      <tr><th>Site</th><th>State</th><th>Since</th><th>24 hours</th><th>30 days</th><th>Answers in</th></tr>
      ${sites.map(renderRow)}
    </table>
    <p><small>As of ${formatTime(now)}</small></p>
  </body>
</html>
`.text;
}

function renderRow({ name, state, since, dayPercent, monthPercent, meanMs }: Site): Html {
  return html`<tr>
        <td>${name}</td><td class="${state}">${state}</td><td>${formatTime(since)}</td>
        <td>${orDash(dayPercent, '%')}</td><td>${orDash(monthPercent, '%')}</td><td>${orDash(meanMs, 'ms')}</td>
      </tr>
      `;
}

function orDash(value: number | null, unit: string): string {
  return value === null ? '–' : `${value} ${unit}`;
}

/** `2026-11-23 07:15 UTC`. */
export function formatTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
