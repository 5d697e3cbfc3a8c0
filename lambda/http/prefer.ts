/** The parts of an event that say what a client prefers. */
export interface PreferringEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/**
 * Whether the client prefers a response before the work is done: `Prefer: respond-async`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.1
 */
export function prefersAsync({ headers = {} }: PreferringEvent): boolean {
  // The value of another preference may contain anything, in quotes.
  const preferences = (headers.prefer ?? "").replace(QUOTED, '""').split(",");
  return preferences.some((preference) => {
    const [name = ""] = preference.split(/[=;]/);
    return name.trim().toLowerCase() === "respond-async";
  });
}
