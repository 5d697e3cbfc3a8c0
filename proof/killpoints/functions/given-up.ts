import { gluwa, idempotent, type WithIdempotency } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

/** An entry that is never tried twice: if its owner does not finish, the request is UNKNOWN for ever. */
export const handler = idempotent(
  (_event: unknown, { idempotency }: WithIdempotency<object>) =>
    idempotency.commit([createEntry("given-up")], { statusCode: 202 }),
  { store, singleTenant: true, profile: gluwa() },
);
