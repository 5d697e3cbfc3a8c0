import { requiredVariable } from "../../../lambda/environment.ts";
import { pay } from "../../../lambda/payouts/bank.ts";
import { idempotent, orzcash, type WithIdempotency } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

const PAYMENT = { account: "DE89370400440532013000", amountMinor: 100, currency: "EUR" };

/** A payment in its first step, which must be marked as begun; the second step commits by itself. */
export const handler = idempotent(
  async (_event: unknown, { idempotency }: WithIdempotency<object>) => {
    const { signal } = idempotency;
    const receipt = await idempotency.step("pay", ({ downstreamKey }) =>
      pay(requiredVariable("BANK_URL"), PAYMENT, { key: downstreamKey, signal }),
    );
    await idempotency.step("note", ({ commit }) => commit([createEntry("noted")], "noted"));
    const body = JSON.stringify(receipt);
    return idempotency.commit([createEntry("paid")], { statusCode: 201, body });
  },
  { store, singleTenant: true, profile: orzcash() },
);
