import { expect, test } from "@jest/globals";
import { retryConflicts } from "../../lambda/ledger-retry.ts";

const conflict = Object.assign(new Error("conflict"), {
  name: "TransactionCanceledException",
  CancellationReasons: [{ Code: "TransactionConflict" }],
});
const neverAborted = new AbortController().signal;

test("conflicts until the deadline end in an error that says what to do", async () => {
  let sends = 0;
  const send = () => {
    sends += 1;
    return Promise.reject(conflict);
  };
  const limits = { deadlineMs: Date.now() + 100, signal: neverAborted };
  await expect(retryConflicts(send, limits)).rejects.toMatchObject({
    name: "LedgerBusyError",
    cause: conflict,
  });
  expect(sends).toBeGreaterThan(1);
});

test("nothing is sent again after the deadline", async () => {
  let sends = 0;
  const send = () => {
    sends += 1;
    return Promise.reject(conflict);
  };
  const limits = { deadlineMs: Date.now() - 1, signal: neverAborted };
  await expect(retryConflicts(send, limits)).rejects.toThrow("busy with other transfers");
  expect(sends).toBe(1);
});

test("nothing is sent again once nobody waits any more", async () => {
  const caller = new AbortController();
  let sends = 0;
  const send = () => {
    sends += 1;
    caller.abort();
    return Promise.reject(conflict);
  };
  const limits = { deadlineMs: Date.now() + 60_000, signal: caller.signal };
  await expect(retryConflicts(send, limits)).rejects.toMatchObject({ name: "AbortError" });
  expect(sends).toBe(1);
});

test("a condition that failed is not a conflict", async () => {
  const refused = Object.assign(new Error("refused"), {
    name: "TransactionCanceledException",
    CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "None" }],
  });
  const limits = { deadlineMs: Date.now() + 60_000, signal: neverAborted };
  await expect(retryConflicts(() => Promise.reject(refused), limits)).rejects.toBe(refused);
});
