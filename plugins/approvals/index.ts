import { definePlugin } from '@clay/sdk';
import { z } from 'zod';

const listShape = z.looseObject({
  rules: z.array(z.string()),
  open: z.array(z.looseObject({ text: z.string(), expiresAt: z.number() })),
  standing: z.array(
    z.looseObject({
      number: z.number(),
      capability: z.string(),
      rule: z.string(),
      session: z.string(),
      by: z.string(),
      at: z.number(),
    }),
  ),
});

type Listed = z.infer<typeof listShape>;

const questionChars = 200;
const minuteMs = 60_000;

export default definePlugin({
  name: 'approvals',
  setup(ctx) {
    ctx.command({
      name: 'approvals',
      description: 'what waits for a yes, and which yeses stand; /approvals revoke N takes one back',
      run: async (argument) => {
        if (argument.trim() === '')
          return describe(listShape.parse(await ctx.call('service:approvals.list', {})), ctx.clock.now());
        const [, number] = /^revoke\s+#?(\d{1,9})$/i.exec(argument.trim()) ?? [];
        if (number === undefined) return 'Type /approvals to see them, or /approvals revoke N to take one back.';
        await ctx.call('service:approvals.revoke', { number: Number(number) });
        return `Taken back: I ask again before I do that.`;
      },
    });
  },
});

function describe({ rules, open, standing }: Listed, now: number): string {
  const asked = open.map(({ text, expiresAt }) => `- ${shorten(text)} (${minutes(expiresAt - now)} left)`);
  const kept = standing.map(
    ({ number, capability, rule, by, at }) =>
      `- ${number}: always \`${capability}\` for \`${rule}\` in one conversation, said ${minutes(now - at)} ago by ${by}`,
  );
  return [
    rules.length === 0
      ? 'Nothing needs a yes here ("approvals" in clay.json).'
      : `These need a yes: ${rules.map((rule) => `\`${rule}\``).join(', ')}.`,
    ...(asked.length === 0 ? ['Nothing waits for one.'] : ['Waiting for an answer:', ...asked]),
    ...(kept.length === 0 ? [] : ['Standing; /approvals revoke N takes one back:', ...kept]),
  ].join('\n');
}

/** Without its fences, which could not be closed in a list. */
function shorten(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/`{3,}/g, '"');
  return line.length > questionChars ? `${line.slice(0, questionChars)} …` : line;
}

function minutes(ms: number): string {
  return `${Math.max(0, Math.round(ms / minuteMs))} min`;
}
