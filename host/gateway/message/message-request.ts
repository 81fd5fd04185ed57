import { z } from '../../schema.ts';

/** Chat services send numbers as user ids. */
const userId = z.union([z.string(), z.int().transform(String)]);

/** The body of `POST /msg` and `POST /msg/stream`. */
export const messageRequest = z.object({
  text: z.string().refine((text) => text.trim() !== '', { message: 'is empty; write a message' }),
  user_id: userId.nullish(),
  username: z.string().nullish(),
  protocol: z.string().nullish(),
});

export interface Sender {
  readonly user: string;
  /** The way the message came; each way has a conversation of its own. */
  readonly protocol: string;
}

/** The one that the caller's token speaks for, else `user_id`, else `username`, else `anonymous`. */
export function findSender(request: z.output<typeof messageRequest>, subject: string | null): Sender {
  return {
    user: subject ?? (request.user_id || request.username || 'anonymous'),
    protocol: request.protocol || 'http',
  };
}
