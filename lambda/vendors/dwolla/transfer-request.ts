import { type BodyEvent, bodyText } from "../../http/body-text.ts";
import { minorUnits } from "../../http/decimal-amount.ts";
import { describeValue, type Form, invalidMember, readForm } from "../../http/request-form.ts";
import { isAccountId, type TransferRequest } from "../../transfers/transfer.ts";

interface Link {
  readonly href: string;
}

const FORM: Form = {
  title: "The request is not a transfer.",
  members: [
    {
      name: "_links",
      expected: 'an object with "source" and "destination", each { "href": ".../accounts/{id}" }',
      accepts: (value) =>
        ["source", "destination"].every(
          (name) => readAccountId(readLink(value, name)) !== undefined,
        ),
    },
    {
      name: "amount",
      expected: 'an object such as { "currency": "EUR", "value": "22.00" }',
      accepts: (value) => {
        const { currency, value: amount } = Object(value);
        return /^[A-Z]{3}$/.test(String(currency)) && minorUnits(amount) !== undefined;
      },
    },
  ],
  // Dwolla's transfers have further members: metadata, fees, clearing.
  ignored: "any",
} as const;

/** Whether the body has Dwolla's form, which links the accounts instead of naming them. */
export function isDwollaForm(event: BodyEvent): boolean {
  try {
    return Object.hasOwn(Object(JSON.parse(bodyText(event) ?? "")), "_links");
  } catch {
    return false;
  }
}

/**
 * Reads the body of Dwolla's `POST /transfers`.
 *
 * @throws ProblemError 400, naming the member, its value and the expected value.
 */
export function readDwollaTransfer(event: BodyEvent): TransferRequest {
  const { _links: links, amount } = readForm(FORM, event) as {
    _links: object;
    amount: { currency: string; value: string };
  };
  const from = readAccountId(readLink(links, "source")) as string;
  const to = readAccountId(readLink(links, "destination")) as string;
  if (from === to) {
    const wrong = `links ${describeValue(to)} on both sides; expected two accounts`;
    throw invalidMember(FORM, "_links", wrong);
  }
  return { from, to, amountMinor: minorUnits(amount.value) as number, currency: amount.currency };
}

function readLink(links: unknown, name: string): Link | undefined {
  return Object(links)[name];
}

/** The account at the end of a link. */
function readAccountId(link: Link | undefined): string | undefined {
  const account = String(Object(link).href).split("/").at(-1);
  return isAccountId(account) ? account : undefined;
}
