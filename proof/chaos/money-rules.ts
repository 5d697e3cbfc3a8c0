import type { FinalState, KeyHistory, LedgerItem } from "./history.ts";
import { isEffect, readKind, readMark, toRecordId } from "./key-view.ts";

/** A promise about all keys together. @returns a description of each breach. */
type MoneyRule = (final: FinalState, histories: readonly KeyHistory[]) => string[];

/** The promises about all keys together. */
export const MONEY_RULES: Readonly<Record<string, MoneyRule>> = {
  "money is conserved": (final) =>
    accounts(final).flatMap(({ id, balanceMinor }) => {
      const account = id.slice("account/".length);
      const expectedMinor =
        (final.initialMinor[account] ?? 0) +
        final.ledger.reduce((sum, item) => sum + changeMinor(item, account), 0);
      return balanceMinor === expectedMinor
        ? []
        : [`${account} holds ${balanceMinor}, and its entries add up to ${expectedMinor}`];
    }),

  "no money stays reserved": ({ ledger }) =>
    ledger.filter((item) => readKind(item) === "reservation").map(({ id }) => `${id} is left`),

  "the bank has paid what the ledger says, once": ({ ledger, payments }) => {
    const paid = ledger.filter((item) => readKind(item) === "payout" && item.status === "paid");
    const unknown = payments.filter(
      ({ paymentId }) => !paid.some((payout) => payout.paymentId === paymentId),
    );
    return [
      ...unknown.map(
        ({ paymentId, amountMinor }) =>
          `no payout names the payment ${paymentId} of ${amountMinor}`,
      ),
      ...paid
        .filter(
          ({ paymentId, amountMinor }) =>
            payments.filter((one) => one.paymentId === paymentId && one.amountMinor === amountMinor)
              .length !== 1,
        )
        .map(({ id }) => `${id} is settled, and the bank has not paid it exactly once`),
    ];
  },

  "every effect and record has an order": ({ ledger, records }, histories) => {
    const marks = new Set(histories.flatMap(({ orders }) => orders.map(({ mark }) => mark)));
    const ids = new Set(histories.map(toRecordId));
    return [
      ...ledger
        .filter((item) => isEffect(item) && !marks.has(readMark(item)))
        .map(({ id }) => `no client has ordered ${id}`),
      ...records
        .filter(({ id }) => !ids.has(id))
        .map(({ id }) => `the record ${id} belongs to no key`),
    ];
  },
};

function accounts({ ledger }: FinalState): LedgerItem[] {
  return ledger.filter((item) => readKind(item) === "account");
}

/** The change of an account's balance by an entry of the ledger. */
function changeMinor(item: LedgerItem, account: string): number {
  if (!isEffect(item) || typeof item.amountMinor !== "number") return 0;
  if (item.from === account) return -item.amountMinor;
  return item.to === account ? item.amountMinor : 0;
}
