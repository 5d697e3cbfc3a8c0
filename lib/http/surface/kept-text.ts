/** The text that a record keeps for the completer. */
export interface KeptText {
  /** Version 0.1.0 kept the event alone, which has no such member. */
  readonly format: 2;
  /** The authenticated principal; absent = the function has a single tenant. */
  readonly tenant?: string | undefined;
  /** Binds tenant and event to the record and its fingerprint: an HMAC if there is a secret. */
  readonly digest: string;
  readonly event: object;
}

/** Reads a kept text; `undefined` if it is an event that version 0.1.0 has kept. */
export function parseKeptText(text: string): KeptText | undefined {
  const { format, tenant, digest, event } = Object(JSON.parse(text)) as Partial<KeptText>;
  const isText = format === 2 && typeof digest === "string";
  const isEvent = typeof event === "object" && event !== null;
  const isTenant = tenant === undefined || typeof tenant === "string";
  return isText && isEvent && isTenant ? { format, tenant, digest, event } : undefined;
}
