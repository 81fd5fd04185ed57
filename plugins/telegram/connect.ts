import { type Call, type Context, Pairing } from '@clay/sdk';
import { z } from 'zod';
import { createKnownCheck } from './access/known-people.ts';
import { BotApi } from './bot-api.ts';
import type { TelegramSection } from './config.ts';
import { Poller } from './incoming/poller.ts';
import type { ReaderParts } from './incoming/reader-parts.ts';
import { Receiver } from './incoming/receiver.ts';
import { Webhook, webhookPath } from './incoming/webhook.ts';
import { Menu } from './menu.ts';
import { deliverPart } from './outgoing/deliver-part.ts';
import { LiveMessages } from './outgoing/live-messages.ts';
import { MessageTable } from './outgoing/message-table.ts';
import { fileParameters, type OutgoingFile, sendFile } from './outgoing/send-file.ts';
import { QuestionTable } from './questions/question-table.ts';
import { askParameters, Questions, settleParameters } from './questions/questions.ts';

/** Of the code that the operator reads in the log at the first start. */
const firstCodeMs = 24 * 3_600_000;

const activityParameters = z.strictObject({
  chat: z.string().min(1),
  state: z.enum(['thinking', 'tool', 'idle']),
  text: z.string().optional(),
});

/** Declares what serves the bot; gives the further methods of the service. */
export function connect(ctx: Context<TelegramSection>, token: string) {
  const api = new BotApi(token, ctx.config.baseUrl);
  const pairing = new Pairing(ctx.store, ctx.clock);
  const table = new MessageTable(ctx.store, ctx.clock);
  const live = new LiveMessages(ctx, api, table);
  const menu = new Menu(ctx, api);
  const isKnown = createKnownCheck(ctx.config, pairing);
  const delivery = { api, table, live };
  const questions = new Questions({ ctx, api, delivery, table: new QuestionTable(ctx.store, ctx.clock), isKnown });
  const receiver = new Receiver({ ctx, api, pairing, live, questions, isKnown });

  const onReady = async () => {
    await live.clear();
    await menu.refresh();
    await offerPairing(ctx, pairing);
  };

  const reader = createReader({ ctx, api, receiver, onReady });
  if (reader instanceof Webhook)
    ctx.route({
      method: 'POST',
      path: webhookPath,
      // Telegram has no token of ours: it shows the secret that it was told.
      access: 'public',
      handle: (request) => reader.handle(request),
    });
  ctx.lease({
    name: 'telegram:bot',
    onGrant(signal) {
      const ended = new AbortController();
      const reading = reader.run(AbortSignal.any([signal, ended.signal]));
      return async () => {
        ended.abort();
        live.stop();
        await reading;
      };
    },
  });
  ctx.channel({ name: 'telegram', deliver: (part, call) => deliverPart(delivery, part, call.signal) });
  ctx.on('generation.changed', ({ state }) => (state === 'committed' ? menu.refresh() : undefined));
  ctx.command({
    name: 'pair',
    description: 'a code with which somebody else may talk to me on Telegram',
    run: () =>
      `Send this code to the bot from the account that is to be let in: ${pairing.issue()}\nIt works once, within 15 minutes.`,
  });

  return {
    activity: {
      description: 'Shows people what the claw does in a chat: typing, or the answer so far.',
      parameters: activityParameters,
      run: async (args: z.infer<typeof activityParameters>) => {
        await live.tell(args.chat, args.state, args.text);
        return null;
      },
    },
    ask: {
      description: 'Asks a question with a button for each choice: `{id}`. A press goes to `service:chat.answer`.',
      parameters: askParameters,
      run: (args: z.infer<typeof askParameters>, call: Call) => questions.ask(args, call.signal),
    },
    settle: {
      description: 'Takes the buttons of a question away, and shows what came of it.',
      parameters: settleParameters,
      idempotent: true,
      run: async (args: z.infer<typeof settleParameters>, call: Call) => {
        await questions.settle(args, call.signal);
        return null;
      },
    },
    file: {
      description: 'Sends a file into a chat, photos as such: `{id}`.',
      parameters: fileParameters,
      run: (args: OutgoingFile, call: Call) => sendFile(delivery, args, call.signal),
    },
  };
}

function createReader(parts: ReaderParts): Poller | Webhook {
  const { publicUrl } = parts.ctx.config;
  return publicUrl === null ? new Poller(parts) : new Webhook({ ...parts, publicUrl });
}

/** Where nobody was named, the first to show the code from the log is let in. */
async function offerPairing(ctx: Context<TelegramSection>, pairing: Pairing): Promise<void> {
  const { chatId, allowedUsers } = ctx.config.telegram ?? { chatId: null, allowedUsers: [] };
  if (chatId !== null || allowedUsers.length > 0 || (await pairing.paired()).length > 0) return;
  const code = pairing.issue(firstCodeMs);
  ctx.log.warn('telegram.pairing', {
    code,
    message: `Nobody may talk to the bot yet. Send it this code within a day, or set TELEGRAM_CHAT_ID: ${code}`,
  });
}
