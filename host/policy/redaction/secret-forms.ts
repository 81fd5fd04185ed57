/** Shorter values would blank out ordinary words, and their base64 occurs by chance. */
export const minSecretChars = 8;

/** How a secret may stand in a text: as it is, within JSON, in an address, in hex, and in base64 of a longer text. */
export function secretForms(secret: string): readonly string[] {
  if (secret.length < minSecretChars) return [];
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll(/%../g, (octet) => octet.toLowerCase()),
    Buffer.from(secret).toString('hex'),
    ...base64Forms(secret),
  ];
  return [...new Set(forms)].filter((form) => form.length >= minSecretChars);
}

/** A secret within a longer text begins at one of three places of a base64 group; its edges depend on its neighbours. */
function base64Forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const isWholeGroup = (before + bytes.length) % 3 === 0;
    const form = encoded.slice(firstOwnChar[before], isWholeGroup ? undefined : -1);
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** The first base64 character that no byte before the secret has a part in, by how many bytes of its group stand before it. */
const firstOwnChar = [0, 2, 3];
