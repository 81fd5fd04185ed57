import type { Death } from '../generations/build.ts';
import type { ProcessDeath } from './process-death.ts';

/** The end of a process, as the end of the generation that it ran. */
export function toDeath(death: ProcessDeath): Death {
  const { message, signature, location, livedMs, fault, phase, reason, exitCode, signal, pid } = death;
  return {
    code: fault?.failure.code ?? 'UNAVAILABLE',
    message,
    signature,
    location,
    livedMs,
    isBlamed: true,
    fault,
    details: {
      phase,
      reason,
      exitCode,
      signal,
      pid,
      residentBytes: death.residentBytes,
      output: death.output,
      ...(death.report === null ? {} : { report: JSON.stringify(death.report) }),
      calls: death.calls.map(({ id, capability, isAcked }) => `${capability} ${id}${isAcked ? ' (accepted)' : ''}`),
    },
  };
}
