import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { Approvals, type ApprovalsOptions, type PluginRights } from './approvals.ts';

/** Links that lead in a circle end somewhere. */
const maxLinks = 40;

/** A plugin as the kernel knows it. */
interface KnownPlugin {
  readonly name: string;
  readonly origin: 'image' | 'volume' | 'extension';
  /** Effective. */
  readonly permissions: readonly string[];
}

export interface CreateApprovalsOptions
  extends Pick<ApprovalsOptions, 'people' | 'questions' | 'settings' | 'redactor' | 'clock' | 'log'> {
  readonly config: Pick<Config, 'approvals' | 'approvalMs' | 'paths' | 'plugins' | 'workFolder'>;
  readonly plugins: () => readonly KnownPlugin[];
}

/** The guard as a claw has it. */
export function createApprovals({ config, plugins, ...others }: CreateApprovalsOptions): Approvals {
  const { approvals: rules, approvalMs: timeoutMs, paths, workFolder } = config;
  const { root } = paths;
  return new Approvals({
    ...others,
    rules,
    timeoutMs,
    root,
    realPath: (path) => realPath(path),
    rightsOf(name): PluginRights {
      // The host's own capabilities are of no plugin.
      const { origin = 'image', permissions = [] } = plugins().find((plugin) => plugin.name === name) ?? {};
      const roots = config.plugins[name]?.roots;
      const first = Array.isArray(roots) ? String(roots[0]) : (workFolder ?? root);
      return { isShipped: origin === 'image', permissions, folder: resolve(root, first) };
    },
  });
}

/** Links followed, also those that lead to what does not exist yet: writing there makes it. */
function realPath(path: string, links = 0): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    if (parent === path || links > maxLinks) return path;
    const place = join(realPath(parent, links), basename(path));
    const link = lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(place) : null;
    return link === null ? place : realPath(resolve(dirname(place), link), links + 1);
  }
}
