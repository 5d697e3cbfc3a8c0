import type { TapAnswer } from "./tap.ts";

/** DynamoDB's answer to a request that it refuses with this exception. */
export function createRefusal(exception: string, more: object = {}): TapAnswer {
  const __type = `com.amazonaws.dynamodb.v20120810#${exception}`;
  const status = exception === "InternalServerError" ? 500 : 400;
  return { status, body: { __type, message: "injected", ...more } };
}

/**
 * DynamoDB's answer to a transaction while another transaction holds one of its items.
 *
 * @param held the index of the item.
 */
export function createCollision(writes: number, held = 1): TapAnswer {
  const CancellationReasons = Array.from({ length: writes }, (_, index) => ({
    Code: index === held ? "TransactionConflict" : "None",
  }));
  return createRefusal("TransactionCanceledException", { CancellationReasons });
}
