import type { ClayError } from '../errors.ts';

/** What a line can carry: plain JSON that names its type, and binary parts beside it. */
export interface Framed {
  readonly type: string;
  readonly blobs?: readonly Uint8Array[];
}

/**
 * One end of a line, such as that between the host and one generation. Messages arrive in the order sent, never before the sender
 * has returned, and only whole.
 */
export interface Port<Out extends Framed, In extends Framed> {
  /** Throws `NOT_CLONEABLE` or `TOO_LARGE`, and then nothing was sent. Sending on a closed port does nothing. */
  send(message: Out): void;
  /** Sets the one receiver. What came earlier is handed over at once. */
  receive(receiver: (message: In) => void): void;
  /** Resolves once the line is gone: with null after a clean close, else with the reason. */
  readonly closed: Promise<ClayError | null>;
  close(reason?: ClayError): void;
}
