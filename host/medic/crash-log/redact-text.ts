/** Shorter values would blank out ordinary words. */
const minSecretChars = 6;

/** Text without the value of any secret, however it was written: plain, as JSON, in an address, or in base64. */
export function redactText(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    if (secret.length < minSecretChars) continue;
    const forms = [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ];
    for (const form of new Set(forms)) safe = safe.replaceAll(form, '[redacted]');
  }
  return safe;
}
