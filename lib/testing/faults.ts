import type { Store } from "../protocol/store.ts";
import { refusal, type WireAnswer } from "./engine/wire.ts";

/** A call of the layer to its store. Each is one request to DynamoDB. */
export type StoreCall = keyof Store;

/**
 * The fate of one request.
 *
 * - `throttled`: DynamoDB refuses it, because the table has no capacity left.
 * - `conflict`: DynamoDB refuses it, because another transaction holds an item.
 * - `lost-request`: it does not arrive.
 * - `lost-answer`: it is carried out, and the answer does not arrive.
 */
export type Fault = "throttled" | "conflict" | "lost-request" | "lost-answer";

/** The faults that are to come. */
export interface FaultPlan {
  /** @param call the calls that meet the fault; "any" = all. */
  add(fault: Fault, call: StoreCall | "any", times: number): void;
  /** The fault that the next request of this call meets; it is used up by that. */
  take(call: StoreCall | undefined): Fault | undefined;
  clear(): void;
}

interface PlannedFault {
  readonly fault: Fault;
  readonly call: StoreCall | "any";
  left: number;
}

export function faultPlan(): FaultPlan {
  const planned: PlannedFault[] = [];
  return {
    add(fault, call, times) {
      const isCount = Number.isInteger(times) || times === Number.POSITIVE_INFINITY;
      if (!isCount || times < 1) {
        throw new RangeError(`${fault}: expected times to be a count of 1 or more, got ${times}.`);
      }
      planned.push({ fault, call, left: times });
    },
    take(call) {
      const next = planned.find((one) => one.left > 0 && concerns(one, call));
      if (next === undefined) return undefined;
      next.left -= 1;
      return next.fault;
    },
    clear: () => planned.splice(0),
  };
}

/** A read of one item meets no conflict, and a request of the handler's own meets no fault. */
function concerns({ fault, call }: PlannedFault, asked: StoreCall | undefined): boolean {
  if (asked === undefined || (fault === "conflict" && asked === "read")) return false;
  return call === "any" || call === asked;
}

/** DynamoDB's answer to a request that is throttled. */
export function throttledAnswer(): WireAnswer {
  return refusal(
    "ProvisionedThroughputExceededException",
    "The level of configured provisioned throughput for the table was exceeded.",
  );
}

/**
 * DynamoDB's answer to a request whose item another transaction holds; of a transaction, the last item.
 *
 * @param body of the request, JSON text.
 */
export function conflictAnswer(operation: string, body: string): WireAnswer {
  if (operation !== "TransactWriteItems") {
    return refusal("TransactionConflictException", "Transaction is ongoing for the item");
  }
  const { TransactItems } = JSON.parse(body) as { readonly TransactItems: readonly unknown[] };
  const last = { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" };
  const CancellationReasons = TransactItems.map((_, index) =>
    index === TransactItems.length - 1 ? last : { Code: "None" },
  );
  const codes = CancellationReasons.map(({ Code }) => Code).join(", ");
  return refusal(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons },
  );
}
