import type { FinalState, KeyHistory, LedgerItem } from "./history.ts";
import { idOf, isEffect, kindOf, markOf } from "./key-view.ts";

/** A promise about everything together: says how it was broken, once for each time. */
type MoneyRule = (final: FinalState, histories: readonly KeyHistory[]) => string[];

/** What the whole must have come to. */
export const MONEY_RULES: Readonly<Record<string, MoneyRule>> = {
  "money is conserved": (final) =>
    accounts(final).flatMap(({ id, balanceMinor }) => {
      const account = id.slice("account/".length);
      const expectedMinor =
        (final.initialMinor[account] ?? 0) +
        final.ledger.reduce((sum, item) => sum + changeMinor(item, account), 0);
      return balanceMinor === expectedMinor
        ? []
        : [`${account} holds ${balanceMinor}, and by its entries ${expectedMinor}`];
    }),

  "nothing stays put aside": ({ ledger }) =>
    ledger.filter((item) => kindOf(item) === "reservation").map(({ id }) => `${id} is left`),

  "the bank has paid what the ledger says, once": ({ ledger, payments }) => {
    const paid = ledger.filter((item) => kindOf(item) === "payout" && item.status === "paid");
    const unknown = payments.filter(
      ({ paymentId }) => !paid.some((payout) => payout.paymentId === paymentId),
    );
    return [
      ...unknown.map(
        ({ paymentId, amountMinor }) => `${paymentId} of ${amountMinor} is in no payout`,
      ),
      ...paid
        .filter(
          ({ paymentId, amountMinor }) =>
            payments.filter((one) => one.paymentId === paymentId && one.amountMinor === amountMinor)
              .length !== 1,
        )
        .map(({ id }) => `${id} is settled, and the bank has not paid it`),
    ];
  },

  "nothing is done that nobody asked for": ({ ledger, records }, histories) => {
    const marks = new Set(histories.flatMap(({ orders }) => orders.map(({ mark }) => mark)));
    const ids = new Set(histories.map(idOf));
    return [
      ...ledger
        .filter((item) => isEffect(item) && !marks.has(markOf(item)))
        .map(({ id }) => `${id} is no client's`),
      ...records.filter(({ id }) => !ids.has(id)).map(({ id }) => `the record ${id} is no key's`),
    ];
  },
};

function accounts({ ledger }: FinalState): LedgerItem[] {
  return ledger.filter((item) => kindOf(item) === "account");
}

/** What an entry of the ledger has done to an account. */
function changeMinor(item: LedgerItem, account: string): number {
  if (!isEffect(item) || typeof item.amountMinor !== "number") return 0;
  if (item.from === account) return -item.amountMinor;
  return item.to === account ? item.amountMinor : 0;
}
