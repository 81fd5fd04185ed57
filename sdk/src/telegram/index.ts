export { parseTelegramHtml, type TelegramEntity, type TelegramText } from './parse-telegram-html.ts';
export {
  renderTelegram,
  type TelegramPart,
  type TelegramRenderOptions,
  telegramLimit,
  telegramText,
} from './render-telegram.ts';
