import { recordId } from "../../lib/protocol/key.ts";
import type {
  Attempt,
  ClientAnswer,
  FinalState,
  KeyHistory,
  LedgerItem,
  Order,
} from "./history.ts";
import { type ApiPromise, type Meaning, PROMISES } from "./promises.ts";

/** An answer that a client heard, with what it means. */
export interface Heard {
  readonly order: Order;
  readonly answer: ClientAnswer;
  readonly meaning: Meaning;
  readonly isLast: boolean;
}

/** All that is known about one key: what was asked for, what was heard, and what is there. */
export interface KeyView {
  readonly history: KeyHistory;
  readonly promise: ApiPromise;
  readonly heard: readonly Heard[];
  /** What is done of its orders, whoever's it is. */
  readonly effects: readonly LedgerItem[];
  readonly record: LedgerItem | undefined;
}

/** What is known about each key. */
export function keyViews(histories: readonly KeyHistory[], final: FinalState): KeyView[] {
  const effectsByMark = Map.groupBy(final.ledger.filter(isEffect), markOf);
  const recordsById = new Map(final.records.map((record) => [record.id, record]));
  return histories.map((history) => {
    const promise = PROMISES[history.api];
    return {
      history,
      promise,
      heard: history.attempts.flatMap((attempt) => heardIn(attempt, promise)),
      effects: history.orders.flatMap(({ mark }) => effectsByMark.get(mark) ?? []),
      record: recordsById.get(idOf(history)),
    };
  });
}

/** The id of a key's record. */
export function idOf({ api, tenant, key }: KeyHistory): string {
  return recordId({ tenant, ...PROMISES[api].space, key });
}

/** The kind of an item of the ledger: what comes before the first slash of its id. */
export function kindOf({ id }: LedgerItem): string {
  return id.slice(0, id.indexOf("/"));
}

/** Which order an item of the ledger belongs to. */
export function markOf(item: LedgerItem): number {
  if (typeof item.amountMinor === "number") return item.amountMinor;
  const { amount, transaction } = JSON.parse(String(item.entity)).requestBody;
  return Number(amount ?? transaction);
}

/** Accounts are no order's, and a payout that the bank refuses does nothing. */
export function isEffect(item: LedgerItem): boolean {
  return kindOf(item) !== "account" && item.status !== "refused";
}

function heardIn({ order, answer, isLast }: Attempt, promise: ApiPromise): Heard[] {
  return answer === undefined
    ? []
    : [{ order, answer, isLast, meaning: promise.meaningOf(answer) }];
}
