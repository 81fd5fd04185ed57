import { StarlarkError } from '../errors.ts';

/** A time zone: what the clocks of a place show. */
export interface Zone {
  /** The IANA name, `UTC`, or the abbreviation of a fixed offset. */
  readonly name: string;
  /** Seconds east of UTC at a moment given in milliseconds since 1970. */
  offsetAt(milliseconds: number): number;
  abbreviationAt(milliseconds: number): string;
}

export const utc: Zone = {
  name: 'UTC',
  offsetAt: () => 0,
  abbreviationAt: () => 'UTC',
};

export function fixedZone(offsetSeconds: number, name = ''): Zone {
  return {
    name,
    offsetAt: () => offsetSeconds,
    abbreviationAt: () => (name === '' ? offsetText(offsetSeconds, '') : name),
  };
}

/** `+0130`, or `+01:30` with a colon as the separator. */
export function offsetText(seconds: number, separator: string): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const two = (n: number): string => `${n}`.padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

const zones: Map<string, Zone> = new Map([
  ['', utc],
  ['UTC', utc],
]);

/** The zone of an IANA name. Throws for an unknown one. */
export function findZone(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = new NamedZone(name);
  zones.set(name, zone);
  return zone;
}

export function isZone(name: string): boolean {
  try {
    findZone(name);
    return true;
  } catch {
    return false;
  }
}

class NamedZone implements Zone {
  readonly name: string;
  readonly #clock: Intl.DateTimeFormat;

  constructor(name: string) {
    this.name = name;
    // An offset such as +01:00 is a zone for Intl, but no name of one.
    if (!/^[A-Za-z]/.test(name)) throw unknownZone(name);
    try {
      this.#clock = new Intl.DateTimeFormat('en-US', {
        ...(name === 'Local' ? {} : { timeZone: name }),
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (error) {
      throw unknownZone(name, error);
    }
  }

  offsetAt(milliseconds: number): number {
    const parts = new Map<string, string>();
    for (const { type, value } of this.#clock.formatToParts(milliseconds)) parts.set(type, value);
    const field = (name: string): number => Number(parts.get(name));
    const year = parts.get('era') === 'BC' ? 1 - field('year') : field('year');
    const wall = new Date(0);
    wall.setUTCFullYear(year, field('month') - 1, field('day'));
    wall.setUTCHours(field('hour'), field('minute'), field('second'));
    return Math.round((wall.getTime() - Math.floor(milliseconds / 1000) * 1000) / 1000);
  }

  abbreviationAt(milliseconds: number): string {
    // Each locale knows the abbreviations of its own region and writes GMT+1 for others.
    for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-CA']) {
      const format = new Intl.DateTimeFormat(locale, {
        ...(this.name === 'Local' ? {} : { timeZone: this.name }),
        timeZoneName: 'short',
      });
      const name = format.formatToParts(milliseconds).find((part) => part.type === 'timeZoneName')?.value ?? '';
      if (/^[A-Z]{2,5}$/.test(name)) return name;
    }
    return offsetText(this.offsetAt(milliseconds), '').replace(/00$/, '');
  }
}

function unknownZone(name: string, cause?: unknown): StarlarkError {
  return new StarlarkError(
    'VALUE',
    `unknown time zone ${name}`,
    ['Use a name of the IANA database, such as "Europe/Berlin", or "UTC".'],
    { cause },
  );
}
