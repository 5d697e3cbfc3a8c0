import { describe, expect, test } from "@jest/globals";
import { type DurableExecution, durableOwner, isSuspended } from "../../lib/protocol/durable.ts";

const durable = (...owners: string[]): DurableExecution => ({
  ...{ id: "execution-1", timeoutMs: 60_000 },
  owners: new Set(owners),
});

test("an owner begins with the execution, and is unique in it", () => {
  expect(durableOwner(durable(), "a")).toBe("execution-1.a");
});

describe("a claim is suspended", () => {
  test.each<[boolean, string, string, number, DurableExecution | undefined]>([
    [true, "if an earlier invocation of the execution made it", "execution-1.a", 9, durable()],
    [true, "however short its lease", "execution-1.a", 1, durable("execution-1.b")],
    [false, "unless it was released", "execution-1.a", 0, durable()],
    [
      false,
      "unless a call of this invocation made it",
      "execution-1.a",
      9,
      durable("execution-1.a"),
    ],
    [false, "unless another execution made it", "execution-2.a", 9, durable()],
    [false, "unless the id of its execution is longer", "execution-10.a", 9, durable()],
    [false, "unless its owner belongs to no execution", "execution-1", 9, durable()],
    [false, "for its durable execution alone", "execution-1.a", 9, undefined],
  ])("%p: %s", (expected, _when, owner, leaseUntilMs, execution) => {
    expect(isSuspended({ owner, leaseUntilMs }, execution)).toBe(expected);
  });
});
