import { ConfigurationError } from "../errors.ts";
import type { Store } from "../protocol/store.ts";

/** The place of a record: its store and its id. */
interface Place {
  readonly store: Store;
  readonly recordId: string;
}

/**
 * The member of a `context.idempotency` that holds the place of its record. The symbol is registered: a
 * process may hold two copies of this package, one for each module format, and each layer may be of
 * another copy.
 */
const PLACE = Symbol.for("lambda-idempotency.place");

/** Notes the record of a handler call in its `context.idempotency`, hidden from copies of that. */
export function noteRecord(idempotency: object, place: Place): void {
  Object.defineProperty(idempotency, PLACE, { value: place });
}

/**
 * Refuses a layer within another layer for one record. The inner layer would find the outer layer's
 * claim and refuse the request as in flight; the outer layer would record that as the response.
 *
 * @param context the invocation's context; under an outer layer, the context that it gave its handler.
 * @throws ConfigurationError
 */
export function refuseNested(context: object, { store, recordId }: Place): void {
  const { idempotency } = context as { readonly idempotency?: { readonly [PLACE]?: Place } | null };
  const outer = idempotency?.[PLACE];
  if (outer?.recordId !== recordId || outer.store !== store) return;
  throw new ConfigurationError(
    "idempotency: another idempotent() or idempotency() already runs this request under the same key, or another idempotentFunction(). Keep one of the two around a handler; if two handlers share a request, give each its own operation, and functions names of their own.",
  );
}
