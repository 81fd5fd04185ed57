import { type Context, toFailure } from '@clay/sdk';
import type { BotApi, MenuCommand } from './bot-api.ts';
import type { TelegramSection } from './config.ts';

const maxCommands = 100;
const maxDescription = 256;

/** Keeps the bot's menu as the host's list of commands. */
export class Menu {
  readonly #ctx: Context<TelegramSection>;
  readonly #api: BotApi;
  #shown = '';

  constructor(ctx: Context<TelegramSection>, api: BotApi) {
    this.#ctx = ctx;
    this.#api = api;
  }

  /** A menu that cannot be set harms nobody. */
  async refresh(): Promise<void> {
    try {
      const commands = toMenu(await this.#ctx.call('service:chat.commands', {}));
      const wanted = JSON.stringify(commands);
      if (commands.length === 0 || wanted === this.#shown) return;
      await this.#api.setCommands(commands);
      this.#shown = wanted;
    } catch (error) {
      this.#ctx.log.debug('telegram.menu_failed', { error: toFailure(error).error });
    }
  }
}

/** Telegram takes names of small letters, digits and underscores; others can still be typed. */
function toMenu(listed: unknown): MenuCommand[] {
  if (!Array.isArray(listed)) return [];
  return listed
    .map((one) => ({ command: String(one.name), description: String(one.description).slice(0, maxDescription) }))
    .filter(({ command, description }) => /^[a-z0-9_]{1,32}$/.test(command) && description !== '')
    .slice(0, maxCommands);
}
