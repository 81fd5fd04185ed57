import { type ClayError, type Json, type JsonObject, toFailure } from '@clay/sdk';
import { createTestHost, type HttpAnswer, type Provided, type TestHost } from '@clay/sdk/testing';
import connector from '../index.ts';
import manifest from '../plugin.json' with { type: 'json' };

/** Messages that the inbox took, for tests that wait for them. */
export class Inbox {
  readonly taken: JsonObject[] = [];
  /** Where the claw says what nobody asked for. */
  mainChat: Json = null;
  /** Thrown by the next calls. */
  readonly failures: ClayError[] = [];
  readonly #waiting: (() => void)[] = [];

  receive(message: Json): Json {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.taken.push(message as JsonObject);
    for (const wake of this.#waiting.splice(0)) wake();
    return { state: 'accepted', session: 's' };
  }

  /** Resolves when this many were taken. */
  count(count: number): Promise<readonly JsonObject[]> {
    return this.#until(() => this.taken.length >= count);
  }

  /** Resolves when one with this text was taken. */
  said(text: string): Promise<readonly JsonObject[]> {
    return this.#until(() => this.taken.some((message) => message.text === text));
  }

  async #until(isThere: () => boolean): Promise<readonly JsonObject[]> {
    while (!isThere()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.taken;
  }
}

export interface Connector {
  readonly host: TestHost;
  readonly inbox: Inbox;
  /** Turns the clock until the promise is settled: what waits by the clock and what waits for a socket take turns. */
  turnUntil<T>(promise: Promise<T>): Promise<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ConnectorOptions {
  readonly config?: JsonObject;
  readonly root?: string;
  readonly run?: (args: Json) => Json;
  readonly http?: HttpAnswer;
  /** In place of the inbox. */
  readonly receive?: Provided;
}

export async function startConnector({
  config = {},
  root,
  run,
  http,
  receive,
}: ConnectorOptions = {}): Promise<Connector> {
  // Any program will do: the tests start the real one themselves.
  process.env.MATTERBRIDGE_BIN ??= process.execPath;
  const inbox = new Inbox();
  const { optional, leases, permissions } = manifest;
  const host = await createTestHost(
    { ...connector, optional, leases, permissions },
    {
      config,
      ...(root === undefined ? {} : { root }),
      ...(http === undefined ? {} : { http }),
      provided: {
        'service:chat.receive': receive ?? ((message) => inbox.receive(message)),
        'service:chat.main': (chat) => {
          inbox.mainChat = chat;
          return null;
        },
        ...(run === undefined ? {} : { 'service:services.run': run }),
      },
    },
  );
  return {
    host,
    inbox,
    async turnUntil(promise) {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      promise.then(settle, settle);
      while (!isSettled) {
        await host.advance(100);
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      return promise;
    },
    [Symbol.asyncDispose]: () => host.stop(),
  };
}

/** The code of what a call failed with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => toFailure(error).code,
  );
}
