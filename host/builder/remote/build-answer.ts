import { ClayError, type JsonObject, type Manifest } from '@clay/sdk';
import { parseManifest } from '../../manifest/parse-manifest.ts';
import { z } from '../../schema.ts';
import type { CheckedPlugin } from '../builder.ts';
import { type BuiltPlugin, hashBuild, manifestText } from '../built-plugin.ts';
import { type Diagnostic, formatDiagnostics } from '../diagnostic.ts';

/** What `POST /build` and `POST /check` answer with; `success` and `output` are what older clients know. */
const diagnosticSchema = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  file: z.string().nullable(),
  line: z.number().nullable(),
  column: z.number().nullable(),
  length: z.number(),
  text: z.string(),
  source: z.string().nullable(),
  advice: z.string().nullable(),
});

const builtSchema = z.object({
  success: z.literal(true),
  name: z.string(),
  hash: z.string(),
  sourceDigest: z.string(),
  manifest: z.record(z.string(), z.json()),
  code: z.string(),
  map: z.string(),
  tests: z.object({ code: z.string(), map: z.string() }).optional(),
  summary: z.object({
    modules: z.record(z.string(), z.number()),
    sdkBytes: z.number(),
    packages: z.record(z.string(), z.number()),
    builtins: z.array(z.string()),
  }),
  warnings: z.array(diagnosticSchema),
});

const checkedSchema = z.object({ success: z.literal(true), name: z.string(), sourceDigest: z.string() });

export function writeBuilt(build: BuiltPlugin): object {
  const { code, map, tests, ...rest } = build;
  const output = [`Plugin "${build.name}" was built: ${code.byteLength} bytes, hash ${build.hash}.`];
  if (build.warnings.length > 0) output.push(formatDiagnostics(build.warnings));
  return {
    success: true,
    output: output.join('\n\n'),
    ...rest,
    code: Buffer.from(code).toString(),
    map: Buffer.from(map).toString(),
    ...(tests && { tests: { code: Buffer.from(tests.code).toString(), map: Buffer.from(tests.map).toString() } }),
  };
}

export function writeChecked(checked: CheckedPlugin): object {
  return { success: true, output: `The types of plugin "${checked.name}" are right.`, ...checked };
}

/** Trusts nothing: the hash is made again from what came. */
export function readBuilt(answer: unknown, from: string): BuiltPlugin {
  const parsed = builtSchema.safeParse(answer);
  if (!parsed.success) throw badAnswer(from, z.prettifyError(parsed.error));
  const { success: _, code, map, tests, manifest: raw, warnings, ...rest } = parsed.data;
  const manifest = readManifestOf(raw as JsonObject, from);
  const bytes = Buffer.from(code);
  const hash = hashBuild(bytes, manifestText(manifest));
  if (hash !== rest.hash) throw badAnswer(from, `the bundle has the hash ${hash}, not ${rest.hash}`);
  return {
    ...rest,
    manifest,
    code: bytes,
    map: Buffer.from(map),
    warnings: warnings as readonly Diagnostic[],
    ...(tests && { tests: { code: Buffer.from(tests.code), map: Buffer.from(tests.map) } }),
  };
}

export function readChecked(answer: unknown, from: string): CheckedPlugin {
  const parsed = checkedSchema.safeParse(answer);
  if (!parsed.success) throw badAnswer(from, z.prettifyError(parsed.error));
  const { name, sourceDigest } = parsed.data;
  return { name, sourceDigest };
}

function readManifestOf(raw: JsonObject, from: string): Manifest {
  const parsed = parseManifest(raw);
  if ('manifest' in parsed) return parsed.manifest;
  throw badAnswer(from, parsed.problems.map(({ path, message }) => `${path} ${message}`).join('; '));
}

export function badAnswer(from: string, why: string): ClayError {
  return new ClayError('WIRE', `The build service at ${from} sent an answer that cannot be used: ${why}`, {
    phase: 'build',
  });
}
