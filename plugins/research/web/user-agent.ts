/** What robots.txt calls us. */
export const robotName = 'ClayBot';

/** Says what asks: a program that works for one person. */
export const userAgent = `Mozilla/5.0 (compatible; ${robotName}/0.1; a self-hosted personal agent)`;
