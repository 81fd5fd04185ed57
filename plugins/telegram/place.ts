/** A chat as the host names it: its id, and in forums the topic's. */
export interface Place {
  readonly chat: string;
  readonly topic: number | null;
}

export function formatPlace({ chat, topic }: Place): string {
  return topic === null ? chat : `${chat}/${topic}`;
}

export function parsePlace(text: string): Place {
  const [chat = '', topic] = text.split('/');
  return { chat, topic: topic === undefined ? null : Number(topic) };
}

/** Ids of groups are negative. */
export function isGroup({ chat }: Place): boolean {
  return chat.startsWith('-');
}
