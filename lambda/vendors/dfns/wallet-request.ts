import type { BodyEvent } from "../../http/body-text.ts";
import {
  accountMember,
  describeValue,
  type Form,
  invalidMember,
  readForm,
  readText,
} from "../../http/request-form.ts";

/** A request to transfer, in minor units of the wallet's currency. */
export interface WalletTransfer {
  readonly to: string;
  readonly amountMinor: number;
}

const TRANSFER: Form = {
  title: "The request is not a transfer.",
  members: [
    { name: "kind", expected: '"Native"', accepts: (value) => value === "Native" },
    accountMember("to"),
    {
      name: "amount",
      expected: 'a text such as "2200": a whole number of minor units, from 1',
      accepts: (value) =>
        typeof value === "string" &&
        /^[1-9]\d*$/.test(value) &&
        Number.isSafeInteger(Number(value)),
    },
  ],
  // Dfns' transfers have further members: externalId, which is the key; memo, priority, travelRule.
  ignored: "any",
};

const TRANSACTION: Form = {
  title: "The request is not a transaction.",
  members: [
    { name: "kind", expected: '"Transaction"', accepts: (value) => value === "Transaction" },
    {
      name: "transaction",
      expected: "a text in hexadecimal digits, or an object",
      accepts: (value) =>
        typeof value === "string" ? /^0x[\da-f]+$/i.test(value) : Object(value) === value,
    },
  ],
  ignored: "any",
};

/**
 * Reads the body of Dfns' `POST /wallets/{walletId}/transfers`.
 *
 * @throws ProblemError 400, naming the member, its value and the expected value.
 */
export function readWalletTransfer(event: BodyEvent, walletId: string): WalletTransfer {
  const { to, amount } = readForm(TRANSFER, event) as { to: string; amount: string };
  if (to === walletId) {
    throw invalidMember(
      TRANSFER,
      "to",
      `is ${describeValue(to)}, the wallet itself; expected another one`,
    );
  }
  return { to, amountMinor: Number(amount) };
}

/**
 * Checks the body of Dfns' `POST /wallets/{walletId}/transactions`.
 *
 * @throws ProblemError 400, naming the member, its value and the expected value.
 */
export function checkWalletTransaction(event: BodyEvent): void {
  readForm(TRANSACTION, event);
}

/**
 * Reads the whole body, which the entity keeps.
 *
 * @throws ProblemError 400 if it is not a JSON object.
 */
export function readRequestBody(event: BodyEvent): { readonly externalId?: string } {
  const form: Form = { title: "The request is not a JSON object.", members: [], ignored: "any" };
  readForm(form, event);
  return JSON.parse(readText(form, event));
}
