import { ConfigurationError } from "../errors.ts";
import type { Store } from "../protocol/store.ts";

/** A record, in the store that holds it. */
interface Place {
  readonly store: Store;
  readonly recordId: string;
}

/** Where the records of handler calls are, by their `context.idempotency`. */
const places = new WeakMap<object, Place>();

/** Notes the record under which a handler gets its context. */
export function noteRecord(idempotency: object, place: Place): void {
  places.set(idempotency, place);
}

/**
 * Refuses a layer within a layer for one record. The inner one would find the claim of the outer one, and
 * call the request in flight; the outer one would record that as the handler's response.
 *
 * @param context of the invocation, which is a handler's own where a layer stands around this one.
 * @throws ConfigurationError
 */
export function refuseNested(context: object, { store, recordId }: Place): void {
  const { idempotency } = context as { readonly idempotency?: unknown };
  const outer = places.get(idempotency as object);
  if (outer?.recordId !== recordId || outer.store !== store) return;
  throw new ConfigurationError(
    "idempotency: the request has come through idempotent() or idempotency() before, under the same key. Keep one of the two around a handler; where two handlers share a request, give each an operation of its own.",
  );
}
