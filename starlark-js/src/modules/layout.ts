import { StarlarkError } from '../errors.ts';
import { quoteString } from '../value/quote.ts';
import { type DateParts, momentOf, type WallClock } from './wall-clock.ts';
import { fixedZone, offsetText, utc, type Zone } from './zone.ts';

/*
 * Layouts of Go: an example of how the moment "Mon Jan 2 15:04:05 MST 2006" is written. Each part of it stands for
 * itself wherever it occurs.
 */
const PART =
  /January|Jan|Monday|Mon|MST|2006|__2|_2|002|0[1-6]|15|PM|pm|Z07:00|Z0700|Z07|-07:00|-0700|-07|[.,](?:0+|9+)(?!\d)|[1-5]/g;

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function formatLayout(wall: WallClock, layout: string): string {
  return layout.replace(PART, (part) => formatPart(wall, part));
}

function formatPart(wall: WallClock, part: string): string {
  const padded = (n: number, width: number, fill = '0'): string => `${n}`.padStart(width, fill);
  const hour12 = wall.hour % 12 === 0 ? 12 : wall.hour % 12;
  switch (part) {
    case 'January':
      return MONTHS[wall.month - 1]!;
    case 'Jan':
      return MONTHS[wall.month - 1]!.slice(0, 3);
    case 'Monday':
      return DAYS[wall.weekday]!;
    case 'Mon':
      return DAYS[wall.weekday]!.slice(0, 3);
    case 'MST':
      return wall.abbreviation;
    case '2006':
      return wall.year < 0 ? `-${padded(-wall.year, 4)}` : padded(wall.year, 4);
    case '06':
      return padded(Math.abs(wall.year) % 100, 2);
    case '01':
      return padded(wall.month, 2);
    case '1':
      return `${wall.month}`;
    case '02':
      return padded(wall.day, 2);
    case '_2':
      return padded(wall.day, 2, ' ');
    case '2':
      return `${wall.day}`;
    case '002':
      return padded(wall.yearDay, 3);
    case '__2':
      return padded(wall.yearDay, 3, ' ');
    case '15':
      return padded(wall.hour, 2);
    case '03':
      return padded(hour12, 2);
    case '3':
      return `${hour12}`;
    case '04':
      return padded(wall.minute, 2);
    case '4':
      return `${wall.minute}`;
    case '05':
      return padded(wall.second, 2);
    case '5':
      return `${wall.second}`;
    case 'PM':
      return wall.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return wall.hour >= 12 ? 'pm' : 'am';
    default:
      return part.startsWith('.') || part.startsWith(',') ? formatFraction(wall, part) : formatOffset(wall, part);
  }
}

function formatFraction({ nanosecond }: WallClock, part: string): string {
  const digits = `${nanosecond}`.padStart(9, '0').slice(0, part.length - 1);
  if (part[1] === '0') return part[0] + digits.padEnd(part.length - 1, '0');
  const shown = digits.replace(/0+$/, '');
  return shown === '' ? '' : part[0] + shown;
}

function formatOffset({ offset }: WallClock, part: string): string {
  if (part.startsWith('Z') && offset === 0) return 'Z';
  const text = offsetText(offset, part.includes(':') ? ':' : '');
  return part.length === 3 ? text.slice(0, 3) : text;
}

/** What each part matches in a text. Parts not listed here match a number of one or two digits. */
const PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  ['January', new RegExp(MONTHS.join('|'), 'iy')],
  ['Jan', new RegExp(MONTHS.map((name) => name.slice(0, 3)).join('|'), 'iy')],
  ['Monday', new RegExp(DAYS.join('|'), 'iy')],
  ['Mon', new RegExp(DAYS.map((name) => name.slice(0, 3)).join('|'), 'iy')],
  ['MST', /[A-Z]{3,5}|[+-]\d{2,4}/y],
  ['2006', /\d{4}/y],
  ['06', /\d{2}/y],
  ['01', /\d{2}/y],
  ['02', /\d{2}/y],
  ['_2', / ?\d{1,2}/y],
  ['002', /\d{3}/y],
  ['__2', / {0,2}\d{1,3}/y],
  ['03', /\d{2}/y],
  ['04', /\d{2}/y],
  ['05', /\d{2}/y],
  ['PM', /AM|PM/y],
  ['pm', /am|pm/y],
  ['Z07:00', /Z|[+-]\d\d:\d\d/y],
  ['Z0700', /Z|[+-]\d{4}/y],
  ['Z07', /Z|[+-]\d\d/y],
  ['-07:00', /[+-]\d\d:\d\d/y],
  ['-0700', /[+-]\d{4}/y],
  ['-07', /[+-]\d\d/y],
]);
const NUMBER = /\d{1,2}/y;
const FRACTION = /[.,]\d+/y;

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** What was read so far. */
interface Reading {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  yearDay: number | null;
  isAfternoon: boolean | null;
  zone: Zone | null;
}

/** What the directives of C and Python are in a layout of Go. */
const directives: ReadonlyMap<string, string> = new Map([
  ['Y', '2006'],
  ['y', '06'],
  ['m', '01'],
  ['B', 'January'],
  ['b', 'Jan'],
  ['d', '02'],
  ['e', '_2'],
  ['j', '002'],
  ['A', 'Monday'],
  ['a', 'Mon'],
  ['H', '15'],
  ['I', '03'],
  ['p', 'PM'],
  ['M', '04'],
  ['S', '05'],
  ['f', '000000'],
  ['z', '-0700'],
  ['Z', 'MST'],
  ['F', '2006-01-02'],
  ['T', '15:04:05'],
]);

/** What an author who thinks of strptime has to know. */
function percentNotes(layout: string): readonly string[] {
  if (!/%[a-zA-Z]/.test(layout)) return [];
  const meant = layout.replaceAll(/%([a-zA-Z])/g, (directive, letter) => directives.get(letter) ?? directive);
  return [`A layout shows how the time 2006-01-02 15:04:05 is written, as in Go: write ${quoteString(meant)}.`];
}

/** The moment that a text tells in a layout, and its zone; `zone` holds where the text names none. */
export function parseLayout(text: string, layout: string, zone: Zone): { nanoseconds: bigint; zone: Zone } {
  const fail = (rest: string, part: string): StarlarkError =>
    new StarlarkError(
      'VALUE',
      `parsing time ${quoteString(text)} as ${quoteString(layout)}: cannot parse ${quoteString(rest)} as ${quoteString(part)}`,
      percentNotes(layout),
    );
  const reading: Reading = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    yearDay: null,
    isAfternoon: null,
    zone: null,
  };
  let at = 0;
  let done = 0;
  const literal = (expected: string): void => {
    if (!text.startsWith(expected, at)) throw fail(text.slice(at), expected);
    at += expected.length;
  };
  for (const match of layout.matchAll(PART)) {
    const part = match[0];
    literal(layout.slice(done, match.index));
    done = match.index + part.length;
    if (part.startsWith('.') || part.startsWith(',')) {
      const digits = take(FRACTION, text, at);
      if (digits === undefined && part[1] === '0') throw fail(text.slice(at), part);
      at += readFraction(reading, digits ?? '');
      continue;
    }
    const found = take(PATTERNS.get(part) ?? NUMBER, text, at);
    if (found === undefined) throw fail(text.slice(at), part);
    at += found.length;
    readPart(reading, part, found);
    // A fraction may follow the seconds where the layout has none.
    if (part.endsWith('5') && part !== '15' && !/^[.,]/.test(layout.slice(done)))
      at += readFraction(reading, take(FRACTION, text, at) ?? '');
  }
  literal(layout.slice(done));
  if (at < text.length)
    throw new StarlarkError('VALUE', `parsing time ${quoteString(text)}: extra text: ${quoteString(text.slice(at))}`);
  const home = reading.zone ?? zone;
  return { nanoseconds: momentOf(checkRanges(reading, text), home), zone: home };
}

function readFraction(reading: Reading, text: string): number {
  if (text !== '') reading.nanosecond = Number(text.slice(1, 10).padEnd(9, '0'));
  return text.length;
}

function readPart(reading: Reading, part: string, found: string): void {
  switch (part) {
    case 'January':
    case 'Jan':
      reading.month =
        MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === found.slice(0, 3).toLowerCase()) + 1;
      break;
    case 'Monday':
    case 'Mon':
      break;
    case 'MST':
      reading.zone ??= found === 'UTC' || found === 'GMT' ? utc : fixedZone(0, found);
      break;
    case '2006':
      reading.year = Number(found);
      break;
    case '06':
      reading.year = Number(found) + (Number(found) >= 69 ? 1900 : 2000);
      break;
    case '01':
    case '1':
      reading.month = Number(found);
      break;
    case '02':
    case '_2':
    case '2':
      reading.day = Number(found);
      break;
    case '002':
    case '__2':
      reading.yearDay = Number(found);
      break;
    case '15':
    case '03':
    case '3':
      reading.hour = Number(found);
      break;
    case '04':
    case '4':
      reading.minute = Number(found);
      break;
    case '05':
    case '5':
      reading.second = Number(found);
      break;
    case 'PM':
    case 'pm':
      reading.isAfternoon = found.toLowerCase() === 'pm';
      break;
    default:
      reading.zone = parseOffset(found);
  }
}

function parseOffset(text: string): Zone {
  if (text === 'Z') return utc;
  const digits = text.replace(/\D/g, '').padEnd(4, '0');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return fixedZone(text.startsWith('-') ? -seconds : seconds);
}

function checkRanges(reading: Reading, text: string): DateParts {
  const check = (name: string, isValid: boolean): void => {
    if (!isValid) throw new StarlarkError('VALUE', `parsing time ${quoteString(text)}: ${name} out of range`);
  };
  let { hour, month, day } = reading;
  if (reading.isAfternoon !== null) {
    check('hour', hour >= 1 && hour <= 12);
    hour = (hour % 12) + (reading.isAfternoon ? 12 : 0);
  }
  if (reading.yearDay !== null) [month, day] = [1, reading.yearDay];
  else check('day', day >= 1 && day <= new Date(Date.UTC(2000 + (reading.year % 400), month, 0)).getUTCDate());
  check('month', month >= 1 && month <= 12);
  check('hour', hour <= 23);
  check('minute', reading.minute <= 59);
  check('second', reading.second <= 59);
  return { ...reading, hour, month, day };
}
