// Messages with their values filled in: "{n}" is a value, "{n|image|images}" picks by number. Pure, for any catalogue.

/** Values for the places of a message. */
export type MessageValues = Readonly<Record<string, string | number>>;

const place = /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g;

/** Fills `message`; numbers are written the way `language` writes them. A place without a value stays visible, so that it is noticed. */
export function fill(message: string, values: MessageValues, language: string): string {
  return message.replace(place, (whole, name: string, one: string | undefined, many: string | undefined) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one !== undefined && many !== undefined) return value === 1 ? one : many;
    return typeof value === 'number' ? value.toLocaleString(language) : value;
  });
}

/** The names of the places of a message, sorted, each once. */
export function placesOf(message: string): string[] {
  return [...new Set([...message.matchAll(place)].map((m) => m[1]!))].sort();
}
