import type { CallSession, Clock, Log, TurnView } from '@clay/sdk';
import type { Registry } from '../../registry/registry.ts';
import type { Router } from '../../router/router.ts';

export interface RenderedSections {
  /** Joined; empty when there are none. */
  readonly system: string;
  /** Ride behind the person's message, in the request only. */
  readonly message: readonly string[];
}

/** What begins a section behind a person's message, so that everybody can tell it from the message. */
export const sectionHeader = '[Context, not written by the person: ';

const renderTimeoutMs = 5_000;
const defaultOrder = 100;

export interface SectionsRequest {
  readonly registry: Registry;
  readonly router: Router;
  readonly view: TurnView;
  readonly call: CallSession;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks every prompt section once. One that fails is left out and logged; it never stops a turn. */
export async function renderSections(request: SectionsRequest): Promise<RenderedSections> {
  const sections = [...request.registry.list('prompt')].sort(
    (a, b) => orderOf(a.details.order) - orderOf(b.details.order) || (a.name < b.name ? -1 : 1),
  );
  const rendered = await Promise.all(
    sections.map(async ({ fullName, name, details }) => ({
      name,
      placement: details.placement,
      text: await render(fullName, request),
    })),
  );
  const present = rendered.filter(({ text }) => text.trim() !== '');
  const now = new Date(request.clock.now()).toISOString().slice(0, 16).replace('T', ' ');
  return {
    system: present
      .filter(({ placement }) => placement !== 'message')
      .map(({ text }) => text)
      .join('\n\n'),
    message: [
      `${sectionHeader}time]\nIt is ${now} UTC.`,
      ...present
        .filter(({ placement }) => placement === 'message')
        .map(({ name, text }) => `${sectionHeader}${name}]\n${text}`),
    ],
  };
}

async function render(fullName: string, { router, view, call, signal, log }: SectionsRequest): Promise<string> {
  try {
    const text = await router.call({
      capability: fullName,
      args: { ...view },
      caller: `agent:${view.agent}`,
      timeoutMs: renderTimeoutMs,
      signal,
      session: call,
    });
    return typeof text === 'string' ? text : '';
  } catch (error) {
    log.warn('prompt.failed', { section: fullName, error: error instanceof Error ? error.message : String(error) });
    return '';
  }
}

function orderOf(order: unknown): number {
  return typeof order === 'number' ? order : defaultOrder;
}
