import { renderTelegram, telegramText } from '@clay/sdk/telegram';
import type { FakeBotApi } from '../../../plugins/telegram/testing/fake-bot-api.ts';
import type { CountingTool } from './counting-tool.ts';
import type { DeliveryLedger, LedgerPart } from './delivery-ledger.ts';
import { answerOf, sayingOf } from './scripted-turns.ts';

/** What became of all turns, by the keys of their messages. */
export interface Judgement {
  readonly said: number;
  readonly accepted: number;
  /** Accepted, and neither answered nor handed to something that lost the answer. */
  readonly lost: readonly string[];
  /** With more effects than accepted messages. */
  readonly ranTwice: readonly string[];
  /** Without an effect: the tool's call died before it worked, and is not made again. */
  readonly neverRan: readonly string[];
  /** Answered more often than accepted, by whole texts. */
  readonly doubled: readonly string[];
  /** Of those, the ones of which the claw does not know. */
  readonly doubledUnflagged: readonly string[];
  /** Parts that the claw takes for possible duplicates. */
  readonly flagged: number;
  /** Places with no text, or half of one. */
  readonly torn: readonly string[];
  /** The connector took them from Telegram, or brought them twice, before the claw had a say. */
  readonly lostBefore: readonly string[];
  readonly doubledBefore: readonly string[];
  /** The connector took the answer over, and the person has not got it. */
  readonly lostAfter: readonly string[];
}

export interface Evidence {
  /** Who said it, by key. */
  readonly said: ReadonlyMap<string, number>;
  readonly ledger: DeliveryLedger;
  readonly tool: CountingTool;
  readonly fake: FakeBotApi;
}

export function judge({ said, ledger, tool, fake }: Evidence): Judgement {
  const accepted = ledger.accepted();
  const parts = ledger.parts();
  const turns = [...said].map(([key, chat]) => {
    const whole = wholeTextOf(key);
    const own = parts.filter(({ text }) => text.includes(`Answer ${key}.`));
    return {
      key,
      accepted: accepted.filter((text) => text === sayingOf(key)).length,
      answers: fake.said(chat).filter(({ text }) => text === whole).length,
      handedOver: own.filter(({ state }) => state === 'sent').length,
      isFlagged: own.some(({ isDoubtful }) => isDoubtful),
      effects: tool.effects(key),
    };
  });
  const keysOf = (pick: (turn: (typeof turns)[number]) => boolean) => turns.filter(pick).map(({ key }) => key);
  const isDoubled = (turn: (typeof turns)[number]) => turn.answers > turn.accepted;
  return {
    said: said.size,
    accepted: turns.filter((turn) => turn.accepted > 0).length,
    lost: keysOf((turn) => turn.handedOver < turn.accepted),
    ranTwice: keysOf((turn) => turn.effects > turn.accepted),
    neverRan: keysOf((turn) => turn.effects < turn.accepted),
    doubled: keysOf(isDoubled),
    doubledUnflagged: keysOf((turn) => isDoubled(turn) && !turn.isFlagged),
    flagged: parts.filter((part: LedgerPart) => part.isDoubtful).length,
    torn: [...new Set(said.values())].flatMap((chat) => tornIn(fake, chat)),
    lostBefore: keysOf((turn) => turn.accepted === 0),
    doubledBefore: keysOf((turn) => turn.accepted > 1),
    lostAfter: keysOf((turn) => turn.handedOver > turn.answers),
  };
}

function wholeTextOf(key: string): string {
  return renderTelegram(answerOf(key)).map(telegramText).join('').trim();
}

/** Neither an answer nor a sentence of the claw's own: it ends in its middle. */
function tornIn(fake: FakeBotApi, chat: number): readonly string[] {
  return fake
    .said(chat)
    .filter(({ text }) => text === '…' || text.endsWith('▌') || !/[.!?]$/.test(text))
    .map(({ text }) => `${chat}: ${text}`);
}
