import type { BodyEvent } from "../../http/body-text.ts";
import { describeValue, invalidMember, readText } from "../../http/request-form.ts";
import { isAccountId, type TransferRequest } from "../../transfers/transfer.ts";

const FORM = { title: "The request is not a charge." };

const ACCOUNT = 'an account id such as "acc_alice"';

/**
 * Reads the URL-encoded body of Stripe's `POST /v1/charges`.
 *
 * @throws ProblemError 400, naming the parameter, its value and the expected value.
 */
export function readCharge(event: BodyEvent): TransferRequest {
  const form = new URLSearchParams(readText(FORM, event));
  const read = (name: string, accepts: (text: string) => boolean, expected: string): string => {
    const [text, ...others] = form.getAll(name);
    if (text !== undefined && others.length === 0 && accepts(text)) return text;
    const found = others.length > 0 ? "occurs more than once" : `is ${describeValue(text ?? null)}`;
    throw invalidMember(FORM, name, `${found}; expected ${expected}`);
  };
  const from = read("source", isAccountId, ACCOUNT);
  const to = read("transfer_data[destination]", isAccountId, `${ACCOUNT}, and not the source`);
  if (from === to) {
    const wrong = `is ${describeValue(to)}, as "source" is; expected another account`;
    throw invalidMember(FORM, "transfer_data[destination]", wrong);
  }
  const amount = read("amount", isMinorUnits, "a whole number of minor units, from 1");
  const currency = read("currency", (text) => /^[a-z]{3}$/i.test(text), 'a code such as "eur"');
  return { from, to, amountMinor: Number(amount), currency: currency.toUpperCase() };
}

function isMinorUnits(text: string): boolean {
  return /^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text));
}
