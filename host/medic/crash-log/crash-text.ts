import { stripVTControlCharacters } from 'node:util';
import type { Json } from '@clay/sdk';
import type { CrashEntry } from './crash-entry.ts';

/** Of the output, its end is kept: the failure stands there. */
const outputChars = 32_768;
const detailChars = 16_384;

/**
 * The log as people and models read it. The head is the original's: agent, category and time, and a line of three dashes.
 * What the plugin printed is indented, so that it can be taken for nothing else.
 */
export function formatCrash(entry: CrashEntry, at: number, hide: (text: string) => string): string {
  const clean = (text: string) => hide(stripControls(text));
  const head = [
    `Agent: ${entry.plugin}`,
    `Category: ${entry.category}`,
    `Time: ${new Date(at).toISOString()}`,
    ...(entry.generation === null ? [] : [`Generation: ${entry.generation}`]),
    ...(entry.hash === null ? [] : [`Build: ${entry.hash}`]),
    ...(entry.location === null ? [] : [`Where: ${oneLine(clean(entry.location))}`]),
    '---',
  ];
  const sections: [title: string, text: string][] = [
    ['What happened', clean(entry.message)],
    ['What serves now', clean(entry.serving)],
    ['What to do', clean(entry.advice)],
    ['Details', indent(cutEnd(clean(formatDetails(entry.details)), detailChars))],
    ['Output', indent(cutStart(clean(entry.output), outputChars))],
  ];
  const body = sections.filter(([, text]) => text.trim() !== '').map(([title, text]) => `${title}:\n${text.trimEnd()}`);
  return `${[head.join('\n'), ...body].join('\n\n')}\n`;
}

/** The sentence of a log that was written before. */
export function readHeadline(text: string): string {
  const [, happened = ''] = /^What happened:\n([\s\S]*?)(?:\n\n|$)/m.exec(text) ?? [];
  return oneLine(happened);
}

function formatDetails(details: CrashEntry['details']): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${formatValue(value)}`)
    .join('\n');
}

function formatValue(value: Json): string {
  if (typeof value === 'string') return value.includes('\n') ? `\n${indent(value)}` : value;
  return JSON.stringify(value);
}

function stripControls(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function indent(text: string): string {
  return text.trimEnd().replace(/^(?=.)/gm, '    ');
}

function cutStart(text: string, chars: number): string {
  return text.length <= chars
    ? text
    : `… ${text.length - chars} characters before this are left out\n${text.slice(-chars)}`;
}

function cutEnd(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars)}\n… ${text.length - chars} more characters are left out`;
}
