import { type HostileCase, LIMIT, MB } from './case.ts';

export const endless: readonly HostileCase[] = [
  { name: 'an endless while loop', source: 'while True: pass', limits: { steps: 1_000_000 }, error: /^LIMIT_STEPS/ },
  {
    name: 'an endless while loop against the clock',
    source: 'while True: pass',
    limits: { steps: Infinity, wallMs: 300 },
    error: /^LIMIT_TIME/,
  },
  {
    name: 'nested loops over huge ranges',
    source: 'def f():\n  for i in range(1 << 40):\n    for j in range(1 << 40):\n      pass\nf()',
    limits: { steps: 1_000_000 },
    error: /^LIMIT_STEPS/,
  },
  {
    name: 'a comprehension over a huge range',
    source: 'x = [0 for _ in range(1 << 50)]',
    limits: { steps: 10_000_000, bytes: 24 * MB },
    error: LIMIT,
  },
  {
    name: 'a comprehension without results',
    source: 'x = [0 for _ in range(1 << 50) if False]',
    limits: { steps: 10_000_000 },
    error: /^LIMIT_STEPS/,
  },
  { name: 'unbounded recursion', source: 'def f(n):\n  return f(n + 1)\nf(0)', error: /^LIMIT_DEPTH|^RECURSION/ },
  {
    name: 'mutual recursion',
    source: 'def f(n): return g(n)\ndef g(n): return f(n)\nf(0)',
    error: /^LIMIT_DEPTH|^RECURSION/,
  },
  {
    name: 'recursion through sorted',
    source: 'def f(n):\n  return sorted([1, 2], key = f)\nf(0)',
    error: /^LIMIT_DEPTH|^RECURSION/,
  },
  {
    name: 'recursion through a lambda in a list',
    source: 'fs = []\nfs.append(lambda n: fs[0](n))\nfs[0](1)',
    error: /^LIMIT_DEPTH|^RECURSION/,
  },
  {
    name: 'recursion through max and min',
    source: 'def f(n):\n  return max([1, 2], key = lambda x: min([3, 4], key = f))\nf(0)',
    error: /^LIMIT_DEPTH|^RECURSION/,
  },
  {
    name: 'recursion with a hundred parameters',
    source: `def f(${Array.from({ length: 100 }, (_, i) => `p${i}`).join(', ')}):\n  return f(${Array.from({ length: 100 }, (_, i) => `p${i}`).join(', ')})\nf(${Array(100).fill(0).join(', ')})`,
    error: /^LIMIT_DEPTH|^RECURSION/,
  },
  {
    name: 'exponential calls',
    source: 'def f(n):\n  return 1 if n == 0 else f(n - 1) + f(n - 1)\nf(100)',
    limits: { steps: 5_000_000 },
    error: /^LIMIT_STEPS/,
  },
];
