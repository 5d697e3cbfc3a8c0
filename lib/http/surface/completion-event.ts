import { parseKeptText } from "./kept-text.ts";

/**
 * The member that a completer adds to the event with which it invokes a function. A client cannot add
 * it: AWS decides the members of events of API Gateway, function URLs and load balancers.
 */
export interface Completion {
  /** The id of the record to complete. */
  readonly recordId: string;
  /** The record's fingerprint; `undefined` = a completer of version 0.1.0 has sent the event. */
  readonly fingerprint?: string | undefined;
  /** The version of the record; `undefined` = as above. */
  readonly version?: number | undefined;
  /** The kept text, as it is in the record; `undefined` = version 0.1.0 has kept the event alone. */
  readonly kept?: string | undefined;
}

/** The record that a completer invokes a function for. */
interface CompletedRecord {
  readonly id: string;
  readonly fingerprint: string;
  readonly version: number;
}

/**
 * The event with which a completer invokes a function again. It has the form of the client's event, for
 * the middlewares in front and for the handler, and the kept text beside it, for the layer to check.
 */
export function completionEvent(text: string, record: CompletedRecord): string {
  const { id: recordId, fingerprint, version } = record;
  const kept = parseKeptText(text);
  const idempotencyCompletion: Completion = {
    recordId,
    fingerprint,
    version,
    ...(kept && { kept: text }),
  };
  return JSON.stringify({ ...(kept?.event ?? JSON.parse(text)), idempotencyCompletion });
}

/** Reads a completer's member of an event; `undefined` if a client sent the request. */
export function completionIn(event: unknown): Completion | undefined {
  const { idempotencyCompletion } = event as { idempotencyCompletion?: Record<string, unknown> };
  const { recordId, fingerprint, version, kept } = idempotencyCompletion ?? {};
  if (typeof recordId !== "string" || recordId === "") return undefined;
  return {
    recordId,
    fingerprint: typeof fingerprint === "string" ? fingerprint : undefined,
    version: typeof version === "number" ? version : undefined,
    kept: typeof kept === "string" ? kept : undefined,
  };
}
