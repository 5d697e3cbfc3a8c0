import type { Envelope } from "../http/refusal.ts";
import { retryHeaders } from "../http/retry-headers.ts";
import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * The promise of Dfns' API for transfers, transactions and signatures: the key is the body's
 * optional member `externalId`, stored on the entity that the request creates. The same request
 * again gets 200 with the entity "which was already created"; a different body, or a different
 * wallet, gets 409.
 *
 * Needs a `loadEntity`, which returns the entity as it is now. The handler finds the id for a new
 * entity in `context.idempotency.entityId`. If the handler commits, the entity and its key are one
 * transaction.
 *
 * Our reading, where the document is silent: a stored response that was no success is replayed as
 * it was, because there is no entity; a repeat during the first execution waits for it; keys are
 * bound for ever, to failed entities as well; a request refused before its entity exists leaves its
 * key free (throw a 4xx, or `reject`).
 *
 * @param kind the kind of entity, as conflicts call it: "transfer", "transaction", "signature".
 *   Keys are unique within it, on every route; it must never change after go-live.
 * @param overrides knobs with other values.
 * @see https://docs.dfns.co/advanced-topics/api-idempotency
 * @example
 * idempotency({ store, tenant, profile: dfns("transfer"), loadEntity });
 */
export function dfns(kind = "transfer", overrides: Partial<Profile> = {}): Profile {
  const conflict = {
    status: 409,
    message: `Conflicting ${kind} with same externalId`,
    retryAfterSeconds: undefined,
  };
  const inFlight = { ...conflict, retryAfterSeconds: 1 };
  return {
    ...ietf(),
    name: "dfns",
    keyFrom: [{ pointer: "/externalId" }],
    keyFormat: printable,
    missingKey: "pass",
    methods: ["POST"],
    scope: { kind },
    inFlight: { waitMs: 5_000 },
    completed: "entity",
    retention: "never",
    envelope: dfnsEnvelope,
    refusals: {
      payload_mismatch: conflict,
      outcome_unknown: conflict,
      request_in_flight: inFlight,
      claim_lost: inFlight,
    },
    replayMarker: undefined,
    ...overrides,
  };
}

const LONGEST_EXTERNAL_ID = 256;

function printable(externalId: string): string | undefined {
  if (externalId.length > LONGEST_EXTERNAL_ID) {
    return `externalId has ${externalId.length} characters; the most is ${LONGEST_EXTERNAL_ID}`;
  }
  return /^\P{C}+$/u.test(externalId)
    ? undefined
    : "externalId has characters that cannot be printed";
}

const dfnsEnvelope: Envelope = ({ code, status, message, entityId, key, retryAfterSeconds }) => ({
  statusCode: status,
  headers: { "content-type": "application/json", ...retryHeaders({ retryAfterSeconds }) },
  body: JSON.stringify({
    error: {
      id: code,
      status,
      message,
      ...(entityId !== undefined && {
        details: { duplicate: { id: entityId, externalId: key } },
      }),
    },
  }),
});
