import { Refusal } from '../../gateway/refusal.ts';

/** Archives that arrive at once, each in memory. */
const mostUploads = 64;
const mostPerTenant = 8;
const retryAfterSeconds = 1;

/** Counts what is under way, so that slow or many uploads of one tenant cost only itself. */
export class Uploads {
  readonly #open = new Map<string, number>();
  #count = 0;

  /** Gives the release. */
  admit(tenant: string): () => void {
    const mine = this.#open.get(tenant) ?? 0;
    if (mine >= mostPerTenant) throw tooMany('uploadsPerTenant', mostPerTenant, 'from this tenant');
    if (this.#count >= mostUploads) throw tooMany('uploads', mostUploads, 'in all');
    this.#open.set(tenant, mine + 1);
    this.#count += 1;
    return () => {
      this.#count -= 1;
      const left = this.#open.get(tenant)! - 1;
      if (left > 0) this.#open.set(tenant, left);
      else this.#open.delete(tenant);
    };
  }
}

function tooMany(limit: string, most: number, of: string): Refusal {
  const message = `${most} archives ${of} are arriving already (limit ${limit}). Try again in ${retryAfterSeconds} s.`;
  return new Refusal('RATE_LIMITED', message, { 'retry-after': String(retryAfterSeconds) });
}
