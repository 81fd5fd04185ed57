import type { ClayError } from '../errors.ts';
import type { Message } from './message.ts';

/**
 * One end of a line between the host and one generation. Messages arrive in the order sent, never before the sender
 * has returned, and only whole.
 */
export interface Port<Out extends Message, In extends Message> {
  /** Throws `NOT_CLONEABLE` or `TOO_LARGE`, and then nothing was sent. Sending on a closed port does nothing. */
  send(message: Out): void;
  /** Sets the one receiver. What came earlier is handed over at once. */
  receive(receiver: (message: In) => void): void;
  /** Resolves once the line is gone: with null after a clean close, else with the reason. */
  readonly closed: Promise<ClayError | null>;
  close(reason?: ClayError): void;
}
