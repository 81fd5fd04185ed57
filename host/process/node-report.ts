/** What is kept of Node's own report on a fatal error. */
export interface NodeReport {
  readonly event: string;
  readonly trigger: string;
  readonly heapUsedBytes: number | null;
  readonly heapLimitBytes: number | null;
  readonly stack: readonly string[];
}

/** Takes the report that Node has written among a process's output out of it. */
export function takeReport(output: string): { readonly report: NodeReport | null; readonly rest: string } {
  for (const line of output.split('\n')) {
    if (!line.startsWith('{"header":{"reportVersion"')) continue;
    const report = parseReport(line);
    if (report !== null) return { report, rest: output.replace(`${line}\n`, '') };
  }
  return { report: null, rest: output };
}

function parseReport(line: string): NodeReport | null {
  let parsed: Record<string, Record<string, unknown> | undefined>;
  try {
    parsed = JSON.parse(line);
  } catch {
    // Cut by the process's death or by the limit of what is kept.
    return null;
  }
  const { header, javascriptStack, javascriptHeap } = parsed;
  const stack = javascriptStack?.stack;
  return {
    event: String(header?.event ?? ''),
    trigger: String(header?.trigger ?? ''),
    heapUsedBytes: numberOf(javascriptHeap?.usedMemory),
    heapLimitBytes: numberOf(javascriptHeap?.heapSizeLimit ?? javascriptHeap?.memoryLimit),
    stack: Array.isArray(stack) ? stack.map(String) : [],
  };
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
