import { randomUUID } from 'node:crypto';
import type { Conversation } from '../../store/delivery/conversation-store.ts';
import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import { parseCommand } from '../commands/typed-command.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { isProvider } from '../provider.ts';
import type { Questions } from '../questions/questions.ts';
import { sortAttachments } from './attachments.ts';
import { conversationKey } from './conversation-key.ts';
import { GroupCommit } from './group-commit.ts';
import type { IncomingMessage } from './incoming-message.ts';
import { spokenBy } from './spoken.ts';

/** What became of a message that a connector handed in. */
export interface Acceptance {
  readonly state: 'accepted' | 'repeated';
  readonly message: InboxMessage;
  /** Id of the open question that it answers: then it is no message to the model. */
  readonly answered: string | null;
}

export interface InboxOptions {
  readonly parts: DeliveryParts;
  readonly app: string;
  readonly questions: Pick<Questions, 'keepReply'>;
  /** Whether a command has somebody who answers it; else its text is for the model. */
  readonly isCommand: (name: string) => boolean;
}

/** Takes messages in: each once, and for good when it has said so. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #commits: GroupCommit;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#commits = new GroupCommit(options.parts.store);
  }

  /** Resolves when the message is on the disk. */
  async accept(incoming: IncomingMessage, caller: string): Promise<Acceptance> {
    return (
      this.#findKnown(incoming) ??
      this.#commits.run(
        () => this.#findKnown(incoming) ?? this.#keepReply(incoming, caller) ?? this.#keepMessage(incoming),
      )
    );
  }

  #findKnown({ channel, key }: IncomingMessage): Acceptance | null {
    const known = this.#options.parts.store.inbox.find(channel, key);
    return known === undefined ? null : { state: 'repeated', message: known, answered: null };
  }

  #keepReply(incoming: IncomingMessage, caller: string): Acceptance | null {
    const { parts, questions } = this.#options;
    const { channel, key, chat, user, text, attachments } = incoming;
    // What a plugin says about another's chat is no person's decision.
    if (attachments.length > 0 || !isProvider(parts.registry, channel, caller)) return null;
    const answered = questions.keepReply({ channel, chat }, user, text);
    if (answered === null) return null;
    const { key: conversation, session } = this.#conversationOf(incoming, false);
    const reply = { channel, key, conversation, user: conversation, session, text, images: [], command: null };
    const message = parts.store.inbox.add(reply);
    parts.store.inbox.end(message.seq, 'done', { answered });
    return { state: 'accepted', message, answered };
  }

  #keepMessage(incoming: IncomingMessage): Acceptance {
    const { parts, app, isCommand } = this.#options;
    const { store } = parts;
    const command = parseCommand(incoming.text)?.name;
    const isAnswered = command !== undefined && isCommand(command);
    // `/new` takes effect with its acceptance, so that the next message is in the new session whatever happens in between.
    const { key, session } = this.#conversationOf(incoming, isAnswered && command === 'new');
    const { images, documents, notes } = sortAttachments(isAnswered ? [] : incoming.attachments);
    for (const { name, bytes, mimeType } of documents)
      store.artifacts.save({ app, user: key, session, name }, { bytes, mimeType });
    const said = [incoming.text, ...notes].filter((line) => line.trim() !== '').join('\n');
    const spoken = incoming.isGroup && said !== '' ? spokenBy(incoming.name || incoming.user, said) : said;
    const message = store.inbox.add({
      channel: incoming.channel,
      key: incoming.key,
      conversation: key,
      user: key,
      session,
      text: isAnswered ? incoming.text : spoken,
      images,
      command: isAnswered ? command : null,
    });
    return { state: 'accepted', message, answered: null };
  }

  #conversationOf(incoming: IncomingMessage, isNew: boolean): Conversation {
    const { parts, app } = this.#options;
    const { store, clock } = parts;
    const key = conversationKey(incoming);
    const known = store.conversations.get(key);
    const isKept =
      known !== undefined && !isNew && store.sessions.get({ app, user: key, session: known.session }, 'none');
    const session = isKept ? known.session : randomUUID();
    if (!isKept) store.sessions.create({ app, user: key, session });
    const { channel, chat, user, isGroup } = incoming;
    const conversation = { key, channel, chat, user, isGroup, session, heardAt: clock.now() };
    store.conversations.put(conversation);
    return conversation;
  }
}
