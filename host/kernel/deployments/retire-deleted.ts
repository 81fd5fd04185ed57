import { takesCalls } from '../../generations/state.ts';
import type { Admission, Medic } from '../../medic/generations/medic.ts';

/**
 * Takes away what was built of sources that are gone: what ships under the name serves again, or nothing. Null when
 * nothing serves that was built of them.
 */
export async function retireDeleted(
  plugin: string,
  medic: Pick<Medic, 'retire' | 'generations' | 'onNews'>,
): Promise<Admission | null> {
  const current = () => medic.generations().find((one) => one.plugin === plugin && one.isCurrent);
  const before = current();
  if (before === undefined || before.generation === 0) return null;
  const reason = `data/plugins/${plugin} was deleted`;
  const settled = Promise.withResolvers<void>();
  const remove = medic.onNews((news) => {
    if (news.plugin === plugin && news.generation === 0 && news.kind === 'changed' && isOver(news.state))
      settled.resolve();
  });
  try {
    await medic.retire(plugin, reason);
    const now = current();
    if (now !== undefined && !isOver(now.state)) await settled.promise;
  } finally {
    remove();
  }
  const now = current();
  if (now === undefined) {
    const { generation, hash } = before;
    return { plugin, generation, hash, state: 'stopped', problem: `${reason}: nothing serves in its place.` };
  }
  const { generation, hash, state } = now;
  return { plugin, generation, hash, state, problem: takesCalls(state) ? null : now.reason };
}

/** It serves, or will not by itself. */
function isOver(state: Admission['state']): boolean {
  return state !== 'built' && state !== 'staged' && state !== 'crashed' && state !== 'probation';
}
