import manifest from './package.json' with { type: 'json' };

/** The version of this host. */
export const clayVersion: string = manifest.version;
