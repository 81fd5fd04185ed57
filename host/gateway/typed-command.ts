import { randomUUID } from 'node:crypto';
import { toFailure } from '@clay/sdk';
import type { SessionKey } from '../agent/agent-host.ts';
import type { EventJson } from '../agent/event-json.ts';
import { parseCommand } from '../delivery/commands/typed-command.ts';
import type { GatewayParts } from './parts.ts';

/** What a person gets for a `/name` that the host or a plugin answers, without the model and without a turn. */
export interface CommandAnswer {
  readonly text: string;
  /** Of a command that failed. */
  readonly code?: string;
}

/** A command that somebody provides, as it was typed. */
export interface FoundCommand {
  readonly name: string;
  run(session: SessionKey): Promise<CommandAnswer>;
}

/** Null unless the text is a command that somebody provides: then it is an ordinary message. */
export function findCommand(parts: Pick<GatewayParts, 'registry' | 'router'>, text: string): FoundCommand | null {
  const { name, argument = '' } = parseCommand(text) ?? {};
  const capability = `command:${name}`;
  if (name === undefined || parts.registry.get(capability) === undefined) return null;
  return {
    name,
    async run(session) {
      try {
        const turn = randomUUID();
        const value = await parts.router.call({
          capability,
          args: { argument },
          caller: 'http',
          session: { ...session, turn },
        });
        return { text: String(value) };
      } catch (error) {
        const failure = toFailure(error);
        return { text: failure.error, code: failure.code };
      }
    },
  };
}

/** The answer as an event of the ADK API. It belongs to no turn and is not kept. */
export function commandEvent({ text, code }: CommandAnswer, author: string, timestamp: number): EventJson {
  return {
    id: randomUUID(),
    invocationId: randomUUID(),
    author,
    timestamp,
    actions: { stateDelta: {}, artifactDelta: {} },
    ...(code === undefined
      ? { content: { role: 'model', parts: [{ text }] } }
      : { errorCode: code, errorMessage: text }),
  };
}
