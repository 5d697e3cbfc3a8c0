import { recordId } from "../../lib/protocol/key.ts";
import type {
  Attempt,
  ClientResponse,
  FinalState,
  KeyHistory,
  LedgerItem,
  Order,
} from "./history.ts";
import { type ApiPromise, type Meaning, PROMISES } from "./promises.ts";

/** A response that a client received, with its meaning. */
export interface ReceivedResponse {
  readonly order: Order;
  readonly response: ClientResponse;
  readonly meaning: Meaning;
  readonly isLast: boolean;
}

/** One key with its requests, its responses, its effects and its record. */
export interface KeyView {
  readonly history: KeyHistory;
  readonly promise: ApiPromise;
  readonly received: readonly ReceivedResponse[];
  /** The effects of its orders, also under other keys and tenants. */
  readonly effects: readonly LedgerItem[];
  readonly record: LedgerItem | undefined;
}

/** Collects the responses, effects and record of each key. */
export function keyViews(histories: readonly KeyHistory[], final: FinalState): KeyView[] {
  const effectsByMark = Map.groupBy(final.ledger.filter(isEffect), readMark);
  const recordsById = new Map(final.records.map((record) => [record.id, record]));
  return histories.map((history) => {
    const promise = PROMISES[history.api];
    return {
      history,
      promise,
      received: history.attempts.flatMap((attempt) => interpret(attempt, promise)),
      effects: history.orders.flatMap(({ mark }) => effectsByMark.get(mark) ?? []),
      record: recordsById.get(toRecordId(history)),
    };
  });
}

/** The id of a key's record. */
export function toRecordId({ api, tenant, key }: KeyHistory): string {
  return recordId({ tenant, ...PROMISES[api].space, key });
}

/** The kind of an item of the ledger: what comes before the first slash of its id. */
export function readKind({ id }: LedgerItem): string {
  return id.slice(0, id.indexOf("/"));
}

/** The mark of the order that an item of the ledger belongs to. */
export function readMark(item: LedgerItem): number {
  if (typeof item.amountMinor === "number") return item.amountMinor;
  const { amount, transaction } = JSON.parse(String(item.entity)).requestBody;
  return Number(amount ?? transaction);
}

/** Whether an order has made an item: not an account, nor a payout that the bank refused. */
export function isEffect(item: LedgerItem): boolean {
  return readKind(item) !== "account" && item.status !== "refused";
}

function interpret({ order, response, isLast }: Attempt, promise: ApiPromise): ReceivedResponse[] {
  return response === undefined
    ? []
    : [{ order, response, isLast, meaning: promise.readMeaning(response) }];
}
