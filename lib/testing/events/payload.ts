/** The bytes of a payload: a text, bytes, or any other value as JSON. */
export function payloadBytes(payload: unknown): Buffer {
  if (payload instanceof Uint8Array) return Buffer.from(payload);
  return Buffer.from(payloadText(payload));
}

/** The payload as an event has it: texts as they are, bytes in Base64, and other values as JSON. */
export function payloadText(payload: unknown): string {
  if (typeof payload === "string") return payload;
  if (payload instanceof Uint8Array) return Buffer.from(payload).toString("base64");
  return JSON.stringify(payload);
}

export function base64(payload: unknown): string {
  return payloadBytes(payload).toString("base64");
}
