import type { ClayError, Log } from '@clay/sdk';
import { messageOf } from '../../generations/phase.ts';
import type { CrashEntry } from '../../medic/crash-log/crash-entry.ts';
import type { CrashLog } from '../../medic/crash-log/crash-log.ts';
import type { Incident } from '../../medic/generations/medic-options.ts';
import type { SaveReport } from '../../starlark/extensions/extensions.ts';
import type { HostCapability } from '../host-capabilities.ts';
import { type Rebase, toBuildEntry, toCrashEntry, toRebaseEntry } from './tell-incident.ts';

export interface FailureLogOptions {
  readonly crashLog: CrashLog;
  readonly log: Log;
  /** What answers calls of a plugin now, in one sentence. */
  readonly serving: (plugin: string) => string;
}

/** Writes what goes wrong with plugins where their authors read it, and hands it to the agent once. */
export class FailureLog {
  readonly #options: FailureLogOptions;
  readonly #told = new WeakSet<ClayError>();

  constructor(options: FailureLogOptions) {
    this.#options = options;
  }

  incident(incident: Incident): void {
    this.#write(toCrashEntry(incident, this.#options.serving(incident.plugin)));
  }

  /** Sources that did not become a generation; the same error once, however often it is told. */
  refused(plugin: string, error: ClayError): void {
    if (this.#told.has(error)) return;
    this.#told.add(error);
    this.#write(toBuildEntry(plugin, error, this.#options.serving(plugin)));
  }

  /** An override whose base has changed with the image. */
  rebased(change: Rebase): void {
    this.#write(toRebaseEntry(change, this.#options.serving(change.plugin)));
  }

  /** What is wrong with a saved script that did not come to serve. */
  saved({ name, isGood, text }: SaveReport): void {
    if (isGood) return;
    const [message = '', ...rest] = text.split('\n');
    this.#write({
      plugin: name,
      category: 'check',
      generation: null,
      hash: null,
      message,
      location: null,
      output: rest.join('\n'),
      details: {},
      serving: this.#options.serving(name),
      advice: 'Correct the file and save it again; extension_test tells whether it is right, and changes nothing.',
    });
  }

  /** The prompt section that offers each log to the agent at its next turn. */
  section(): HostCapability {
    return {
      kind: 'prompt',
      name: 'failures',
      description: 'What went wrong with plugins and extensions since the last turn.',
      parameters: null,
      details: { placement: 'message', order: 30 },
      run: () => {
        const { crashLog } = this.#options;
        const pending = crashLog.pending();
        if (pending.length === 0) return null;
        crashLog.offered(pending.map(({ id }) => id));
        const lines = pending.slice(-shownLogs).map(({ id, headline }) => `- ${headline} (data/build-failures/${id})`);
        const more = pending.length > shownLogs ? [`- and ${pending.length - shownLogs} older ones`] : [];
        return [
          'Since you were last here, this went wrong. Tell the person in a sentence if it concerns them, and read the log before you repair it.',
          ...lines,
          ...more,
        ].join('\n');
      },
    };
  }

  #write(entry: CrashEntry): void {
    const { crashLog, log } = this.#options;
    try {
      const { file } = crashLog.write(entry);
      log.info('failure.logged', { plugin: entry.plugin, category: entry.category, file });
    } catch (error) {
      log.error('failure.log.failed', { plugin: entry.plugin, error: messageOf(error) });
    }
  }
}

const shownLogs = 5;
