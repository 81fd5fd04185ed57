/** What the order is made from: what each plugin needs, and what it will provide as far as that is known. */
export interface GraphNode {
  readonly name: string;
  readonly requires: readonly string[];
  readonly optional: readonly string[];
  readonly provides: readonly string[];
}

export interface StartOrder {
  /** Providers before their users. */
  readonly order: readonly string[];
  /** Why a plugin cannot start, with the path that leads there. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * Orders plugins so that what one requires is there before it. A cycle or a gap refuses the plugins on it and those
 * that require them; the rest is ordered. An optional need orders too, but never refuses.
 */
export function startOrder(nodes: readonly GraphNode[]): StartOrder {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const providers = new Map<string, string>();
  for (const node of nodes)
    for (const capability of node.provides) if (!providers.has(capability)) providers.set(capability, node.name);
  const order: string[] = [];
  const refused = new Map<string, string>();
  const done = new Set<string>();

  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return;
    const node = byName.get(name)!;
    for (const capability of node.requires) {
      const provider = providers.get(capability);
      if (provider === undefined) {
        refused.set(name, `"${name}" requires ${capability}, and nobody provides it.`);
        continue;
      }
      if (provider === name) continue;
      const start = path.indexOf(provider);
      if (start >= 0) {
        const cycle = [...path.slice(start), name];
        for (const member of cycle) refused.set(member, describeCycle(cycle));
        continue;
      }
      visit(provider, [...path, name]);
    }
    for (const capability of node.optional) {
      const provider = providers.get(capability);
      if (provider !== undefined && provider !== name && !path.includes(provider)) visit(provider, [...path, name]);
    }
    done.add(name);
    if (!refused.has(name)) order.push(name);
  };
  for (const node of [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(node.name, []);
  return spread(nodes, providers, order, refused);
}

function describeCycle(cycle: readonly string[]): string {
  return `The plugins require each other in a circle: ${[...cycle, cycle[0]].map((one) => `"${one}"`).join(' → ')}.`;
}

/** Who requires a refused plugin is refused with it, and the path is told. */
function spread(
  nodes: readonly GraphNode[],
  providers: ReadonlyMap<string, string>,
  order: readonly string[],
  refused: Map<string, string>,
): StartOrder {
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const node of nodes) {
      if (refused.has(node.name)) continue;
      for (const capability of node.requires) {
        const provider = providers.get(capability);
        const reason = provider === undefined ? undefined : refused.get(provider);
        if (reason === undefined) continue;
        refused.set(node.name, `"${node.name}" → ${capability} → ${reason}`);
        isChanged = true;
        break;
      }
    }
  }
  return { order: order.filter((name) => !refused.has(name)), refused };
}
