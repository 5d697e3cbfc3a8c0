/**
 * The member that a completer adds to the event with which it invokes a function. A client cannot add
 * it: AWS decides the members of events of API Gateway, function URLs and load balancers.
 */
export interface Completion {
  /** The id of the record to complete. */
  readonly recordId: string;
}

/** Adds the id of its record to the stored event of a request. */
export function completionEvent(event: string, recordId: string): string {
  const idempotencyCompletion: Completion = { recordId };
  return JSON.stringify({ ...JSON.parse(event), idempotencyCompletion });
}

/** Reads a completer's member of an event; `undefined` if a client sent the request. */
export function completionIn(event: unknown): Completion | undefined {
  const { idempotencyCompletion: completion } = event as { idempotencyCompletion?: Completion };
  return typeof completion?.recordId === "string" && completion.recordId !== ""
    ? completion
    : undefined;
}
