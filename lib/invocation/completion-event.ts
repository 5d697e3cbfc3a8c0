/**
 * What a completer adds to the event that it invokes a function with. No client can: an event of
 * API Gateway, a function URL or a load balancer has the members that AWS gives it.
 */
export interface Completion {
  /** The id of the record that is to be completed. */
  readonly recordId: string;
}

/** The stored event of a request, with the id of its record. */
export function completionEvent(event: string, recordId: string): string {
  const idempotencyCompletion: Completion = { recordId };
  return JSON.stringify({ ...JSON.parse(event), idempotencyCompletion });
}

/** Whether an event comes from a completer, and which record it is about. */
export function completionIn(event: unknown): Completion | undefined {
  const { idempotencyCompletion: completion } = event as { idempotencyCompletion?: Completion };
  return typeof completion?.recordId === "string" && completion.recordId !== ""
    ? completion
    : undefined;
}
