import { ClayError } from '@clay/sdk';
import type { Framed, Port } from '@clay/sdk/wire';

/** One of the many lines that share the line of a lane; the same at both of its ends. */
export class ChannelPort<Out extends Framed, In extends Framed> implements Port<Out, In> {
  readonly closed: Promise<ClayError | null>;
  readonly #send: (message: Out) => void;
  readonly #onClose: () => void;
  #resolveClosed!: (reason: ClayError | null) => void;
  #receiver: ((message: In) => void) | null = null;
  #early: In[] = [];
  #isOpen = true;

  /** @param onClose this side has closed it: the other has to hear of it */
  constructor(send: (message: Out) => void, onClose: () => void) {
    this.#send = send;
    this.#onClose = onClose;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  send(message: Out): void {
    if (this.#isOpen) this.#send(message);
  }

  receive(receiver: (message: In) => void): void {
    this.#receiver = receiver;
    for (const message of this.#early.splice(0)) this.deliver(message);
  }

  close(reason?: ClayError): void {
    if (!this.#isOpen) return;
    this.end(reason ?? null);
    this.#onClose();
  }

  /** Hands over what came for it. A receiver that throws closes this line, and none beside it. */
  deliver(message: In): void {
    if (!this.#isOpen) return;
    if (this.#receiver === null) {
      this.#early.push(message);
      return;
    }
    try {
      this.#receiver(message);
    } catch (thrown) {
      this.close(thrown instanceof ClayError ? thrown : new ClayError('INTERNAL', String(thrown), { cause: thrown }));
    }
  }

  /** The other side is gone. */
  end(reason: ClayError | null): void {
    this.#isOpen = false;
    this.#early = [];
    this.#resolveClosed(reason);
  }
}
