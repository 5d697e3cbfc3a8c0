import { expect, test } from "@jest/globals";
import { duePartition, duePartitions } from "../../lib/dynamodb/due-partition.ts";
import { digest } from "../../lib/protocol/digest.ts";

test("the claims of one function are spread over eight partitions, and all of them are asked for", () => {
  const ids = Array.from({ length: 4_000 }, (_, index) => digest("record id", [String(index)]));
  const counts = new Map<string, number>();
  for (const id of ids) {
    const partition = duePartition("pay", id);
    counts.set(partition, (counts.get(partition) ?? 0) + 1);
  }
  const shards = Array.from({ length: 8 }, (_, shard) => `pay#${shard}`);
  expect([...counts.keys()].sort()).toEqual(shards);
  expect(Math.max(...counts.values())).toBeLessThan(2 * (4_000 / 8));
  expect(duePartitions("pay", "create-payment")).toEqual([...shards, "create-payment"]);
});

test("an id has the same partition every time, even the empty one", () => {
  expect(duePartition("pay", "abc")).toBe(duePartition("pay", "abc"));
  expect(duePartition("pay", "")).toBe("pay#0");
});
