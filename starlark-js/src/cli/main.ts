#!/usr/bin/env node
import { readFileSync, writeSync } from 'node:fs';
import { runCommand } from './command.ts';
import type { Terminal } from './terminal.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

/** Writes everything before it returns, so that no output is lost when the process ends. A closed pipe ends the process quietly. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'EPIPE') process.exit(SIGPIPE_EXIT);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, RETRY_MS);
    }
  }
}

/** What a shell reports for a process whose reader went away. */
const SIGPIPE_EXIT = 141;
const RETRY_MS = 5;
const pause = new Int32Array(new SharedArrayBuffer(4));

const terminal: Terminal = {
  folder: process.cwd(),
  hasColor: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
  out: (text) => writeAll(STDOUT, text),
  err: (text) => writeAll(STDERR, text),
  readInput: () => readFileSync(STDIN, 'utf8'),
};

process.exitCode = await runCommand(terminal, process.argv.slice(2));
