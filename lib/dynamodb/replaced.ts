import { OLD_RECORD_VERSION } from "../protocol/record.ts";
import type { ReplacedRecord } from "../protocol/store.ts";
import { seconds } from "./ends.ts";

/**
 * The condition of a write in place of a record that has ended or was freed: it is exactly the record
 * that was seen, and still as it was.
 */
export function replacedCondition({ state }: ReplacedRecord): string {
  return [
    namedCondition(),
    ...(state === "FREED"
      ? []
      : [
          "((#version = :version AND #endsAt <= :nowSeconds) OR (#version = :oldVersion AND #expiresAt <= :nowSeconds))",
        ]),
    ...(state === "CLAIMED"
      ? ["#leaseUntil <= :nowMs", "attribute_not_exists(#steps)", "attribute_not_exists(#begun)"]
      : []),
  ].join(" AND ");
}

/** The values of that condition. */
export function replacedValues(replaces: ReplacedRecord, nowMs: number) {
  const { state } = replaces;
  return {
    ...namedValues(replaces),
    ...(state !== "FREED" && {
      ":nowSeconds": seconds(nowMs),
      ":oldVersion": { N: String(OLD_RECORD_VERSION) },
    }),
  };
}

/** The record is the one that was seen, in the same state. */
export function namedCondition(): string {
  return "#owner = :seenOwner AND #fence = :seenFence AND #state = :seenState";
}

export function namedValues({ owner, fence, state }: ReplacedRecord) {
  return {
    ":seenOwner": { S: owner },
    ":seenFence": { N: String(fence) },
    ":seenState": { S: state },
  };
}
