import type { BodyEvent } from "../http/body-text.ts";
import { AMOUNT, accountMember, CURRENCY, type Form, readForm } from "../http/request-form.ts";
import type { PayoutRequest } from "./payout.ts";

const FORM: Form = {
  title: "The request is not a payout.",
  members: [
    accountMember("from"),
    AMOUNT,
    CURRENCY,
    {
      name: "beneficiary",
      expected: 'an account at another bank such as "DE89370400440532013000"',
      accepts: (value) => typeof value === "string" && /^[A-Z0-9]{1,34}$/.test(value),
    },
  ],
  // This member may hold the key instead of the header.
  ignored: ["idempotencyKey"],
};

/**
 * Reads the body of `POST /payouts`.
 *
 * @throws ProblemError 400, naming the member, its value and the expected value.
 */
export function readPayoutRequest(event: BodyEvent): PayoutRequest {
  return readForm(FORM, event) as unknown as PayoutRequest;
}
