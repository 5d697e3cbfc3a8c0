import { gluwa, idempotent, type WithIdempotency } from "../../../lib/index.ts";
import { entryOf } from "../entry.ts";
import { store } from "./pay-outside.ts";

/** An entry that nobody makes a second time: what its owner leaves undone is UNKNOWN for ever. */
export const handler = idempotent(
  (_event: unknown, { idempotency }: WithIdempotency<object>) =>
    idempotency.commit([entryOf("given-up")], { statusCode: 202 }),
  { store, singleTenant: true, profile: gluwa() },
);
