import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as api from './index.ts';

const root = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'starlark-examples-'));
after(() => rmSync(folder, { recursive: true }));

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** The code after each `@example` of a file's doc comments, without fences and margins. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) =>
    [...comment[0].matchAll(/@example([\s\S]*?)(?=\n\s*\* @|\*\/)/g)].map((example) => ({
      file,
      line: text.slice(0, comment.index + example.index).split('\n').length,
      code: example[1]!
        .split('\n')
        .map((line) => line.replace(/^\s*\* ?/, ''))
        .filter((line) => !line.startsWith('```'))
        .join('\n')
        .trim(),
    })),
  );
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => join(root, name));
const examples = files.flatMap(examplesOf);

/** `expression; // value` becomes a comparison; a value that is no literal is prose. */
function withComparisons(code: string): string {
  return code.replaceAll(
    /^(?!\s*(?:const|let|class|function|import|if|for|return|\/\/))(.+?);\s*\/\/ (.+)$/gm,
    (all, expression, value) => (isLiteral(value) ? `same(${expression}, ${value}, ${JSON.stringify(value)});` : all),
  );
}

function isLiteral(text: string): boolean {
  try {
    new Function(`return (${text});`)();
    return true;
  } catch {
    return false;
  }
}

/** A module in which the names of the package and of the example's own file are at hand. */
async function moduleOf({ file, code }: Example): Promise<string> {
  const own: object = await import(pathToFileURL(file).href);
  const declared = new Set([...code.matchAll(/\b(?:const|let|class|function) (\w+)/g)].map((match) => match[1]));
  const imports = (names: readonly string[], from: string): string => {
    const used = names.filter((name) => !declared.has(name) && new RegExp(`\\b${name}\\b`).test(code));
    return `import { ${used.join(', ')} } from '${pathToFileURL(from).href}';`;
  };
  const exported = new Set(Object.keys(api));
  return [
    "import assert from 'node:assert/strict';",
    imports([...exported], join(root, 'index.ts')),
    imports(
      Object.keys(own).filter((name) => !exported.has(name)),
      file,
    ),
    `import { repr as textOf, StarlarkObject as Base } from '${pathToFileURL(join(root, 'index.ts')).href}';`,
    'function same(value, wanted, text) {',
    '  if (value instanceof Base) assert.equal(textOf(value), text);',
    '  else assert.deepEqual(value, wanted);',
    '}',
    withComparisons(code),
  ].join('\n');
}

test('every public function, class and constant has an example', () => {
  const shown = new Set(
    files.flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*export (?:abstract )?(?:class|function|const) (\w+)/g,
        ),
      ]
        .filter(([, comment]) => comment!.includes('@example'))
        .map(([, , name]) => name),
    ),
  );
  assert.deepEqual(
    Object.keys(api).filter((name) => !shown.has(name)),
    [],
  );
});

for (const [index, example] of examples.entries()) {
  test(`the example at ${relative(root, example.file)}:${example.line} does what it says`, async () => {
    const path = join(folder, `example-${index}.ts`);
    writeFileSync(path, await moduleOf(example));
    await import(pathToFileURL(path).href);
  });
}
