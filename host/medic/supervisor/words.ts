import type { HostDeath } from './host-process.ts';
import type { Decision } from './restart.ts';

/** The end of a host in a sentence or two, for the operator. */
export function describeEnd(death: HostDeath, next: Decision): string {
  const { pid, startedAt, endedAt, badLines } = death;
  const noise = badLines === 0 ? '' : ` ${badLines} lines on its pipe were no messages.`;
  const up = duration(endedAt - startedAt);
  return `The host (process ${pid}) ${how(death)} after ${up}${why(death)}.${noise} ${what(next)}`;
}

function how({ reason, code, signal, isRequested }: HostDeath): string {
  switch (reason) {
    case 'exited':
      return isRequested && code === 0 ? 'stopped as it was asked to' : `exited with code ${code}`;
    case 'signalled':
      return `was ended by ${signal}`;
    case 'killed-unresponsive':
    case 'killed-closed-line':
    case 'killed-slow-start':
    case 'killed-slow-stop':
      return 'was killed by the medic';
  }
}

function why({ reason, cause, signal, stack: [where] }: HostDeath): string {
  if (cause !== null) return `: ${cause}${where === undefined ? '' : `, and was in ${where}`}`;
  // The machine sends this one when memory runs out; the medic tells when it does.
  return reason === 'signalled' && signal === 'SIGKILL' ? ', not by the medic; the machine may be out of memory' : '';
}

function what(next: Decision): string {
  if (next.do === 'restart')
    return next.afterMs === 0 ? 'It is started again.' : `It is started again in ${duration(next.afterMs)}.`;
  switch (next.why) {
    case 'requested':
      return 'The medic ends with it.';
    case 'final':
      return 'To start it again would change nothing, so the medic ends with it.';
    case 'too-often':
      return 'It has ended too often, so the medic gives up. Look at what it wrote last; "clay doctor" checks what it needs.';
  }
}

export function duration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
