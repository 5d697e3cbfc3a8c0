import type { BodyEvent } from "../../http/body-text.ts";
import { minorUnits } from "../../http/decimal-amount.ts";
import {
  accountMember,
  describeValue,
  type Form,
  invalidMember,
  readForm,
} from "../../http/request-form.ts";
import type { TransferRequest } from "../../transfers/transfer.ts";

const FORM: Form = {
  title: "The request is not a transaction.",
  members: [
    { ...accountMember("Source") },
    { ...accountMember("Target") },
    {
      name: "Amount",
      expected: 'a decimal amount such as "22.00"',
      accepts: (value) => minorUnits(value) !== undefined,
    },
    {
      name: "Currency",
      expected: 'an ISO 4217 code such as "EUR"',
      accepts: (value) => typeof value === "string" && /^[A-Z]{3}$/.test(value),
    },
  ],
  // Gluwa's transactions have further members: Idem, which is the key; Fee, Nonce, Note, Signature.
  ignored: "any",
};

/**
 * Reads the body of Gluwa's `POST /v1/transactions`.
 *
 * @throws ProblemError 400, naming the member, its value and the expected value.
 */
export function readGluwaTransaction(event: BodyEvent): TransferRequest {
  const { Source, Target, Amount, Currency } = readForm(FORM, event) as Record<string, string>;
  if (Source === Target) {
    const wrong = `is ${describeValue(Target)}, as "Source" is; expected another account`;
    throw invalidMember(FORM, "Target", wrong);
  }
  return {
    from: Source as string,
    to: Target as string,
    amountMinor: minorUnits(Amount) as number,
    currency: Currency as string,
  };
}
