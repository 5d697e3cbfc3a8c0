import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readBodyHeaders } from "../../lib/http/body.ts";
import { fingerprint } from "../../lib/http/fingerprint.ts";
import { findKey } from "../../lib/http/idempotency-key.ts";
import { readRequest } from "../../lib/http/request.ts";
import { isFaithful, sendings, sentEvent } from "../support/encoded-bodies.ts";
import { httpApiEvent } from "../support/events.ts";

const IDEM = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const RULES = { keyFrom: [{ pointer: "/Idem" }], keyFormat: "uuid", missingKey: "pass" } as const;
const ALL = { method: true, path: true, query: true, body: true };

const documents = fc
  .dictionary(fc.string({ unit: "grapheme", maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 3,
  })
  .map((others) => JSON.stringify({ ...others, Idem: IDEM }));

function read(event: unknown) {
  const request = readRequest(event);
  const body = readBodyHeaders(request);
  return { found: findKey(request, body, RULES), fingerprint: fingerprint(request, body, ALL) };
}

test("a document has the same key and fingerprint in every encoding, or is refused", () => {
  let foundCount = 0;
  fc.assert(
    fc.property(documents, sendings, (document, sending) => {
      const { found, fingerprint } = read(sentEvent(document, sending));
      if (found.kind === "refuse") {
        expect([sending, isFaithful(sending)]).toEqual([sending, false]);
        expect(found.refusal.code).toBe("key_malformed");
        return;
      }
      foundCount += 1;
      expect(found).toEqual({ kind: "key", key: IDEM });
      if (!isFaithful(sending)) return;
      const plain = read(httpApiEvent({ path: "/v1/transactions", body: document }));
      expect(fingerprint).toBe(plain.fingerprint);
    }),
    { numRuns: 2_000 },
  );
  // No handler can read the other bodies either, such as gzip that a gateway has decoded as text.
  expect(foundCount).toBeGreaterThan(500);
});
