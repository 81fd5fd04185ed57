/** The one place that knows esbuild. Its compiler is a process of its own, shared by all builds of this one. */
import type {
  BuildContext,
  BuildFailure,
  BuildOptions,
  BuildResult,
  Message,
  Metafile,
  OnLoadResult,
  OnResolveResult,
  Plugin,
} from 'esbuild';

export type { BuildContext, BuildResult, Message, Metafile, OnLoadResult, OnResolveResult, Plugin };

/** Loaded with the first build: an idle claw pays nothing. */
const load = () => import('esbuild');

export async function createContext(options: BuildOptions): Promise<BuildContext> {
  const esbuild = await load();
  return esbuild.context(options);
}

export async function bundleOnce(options: BuildOptions): Promise<BuildResult> {
  const esbuild = await load();
  return esbuild.build(options);
}

/** Ends the compiler's process; the next context starts another. */
export async function stopCompiler(): Promise<void> {
  const esbuild = await load();
  await esbuild.stop();
}

/** The sources were wrong; anything else that is thrown means that the compiler itself is gone. */
export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
