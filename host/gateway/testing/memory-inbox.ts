import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import type { GatewayStore } from '../parts.ts';

/** An inbox that lives as long as its test. */
export function memoryInbox(): GatewayStore['inbox'] {
  const rows: InboxMessage[] = [];
  const change = (seq: number, fields: Partial<InboxMessage>) => {
    const index = rows.findIndex((row) => row.seq === seq);
    rows[index] = { ...rows[index]!, ...fields };
  };
  return {
    find: (channel, key) => rows.find((row) => row.channel === channel && row.key === key),
    add(message) {
      const row: InboxMessage = {
        ...message,
        seq: rows.length + 1,
        state: 'waiting',
        turn: null,
        attempts: 0,
        result: null,
        acceptedAt: 0,
        endedAt: null,
      };
      rows.push(row);
      return row;
    },
    begin: (seq, turn) => change(seq, { state: 'open', turn }),
    end: (seq, state, result = null) => change(seq, { state, result, endedAt: 1 }),
  };
}
