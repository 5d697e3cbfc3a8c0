import { describe, expect, test } from "@jest/globals";
import { RecordError, StoreError } from "../../lib/errors.ts";
import { ietf, memoryStore } from "../../lib/index.ts";
import { enterUnclaimed } from "../../lib/protocol/enter.ts";
import { release, settleAsRepeat, settleWithoutResponse } from "../../lib/protocol/settle.ts";
import { START_MS } from "../support/clock.ts";
import { claimFor, createRequest, createTools } from "../support/keyed-request.ts";

describe("an execution without a final response", () => {
  test("releases its claim: the same request may be tried again at once", async () => {
    const tools = createTools();
    const request = createRequest(tools);
    const execution = await claimFor(request);
    expect(await settleWithoutResponse(execution, "release")).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toMatchObject({ state: "CLAIMED", leaseUntilMs: 0 });
    const { fence } = execution;
    expect(tools.observed.at(-1)).toEqual({ kind: "released", recordId: "id", fence });
    expect(await claimFor(request)).toMatchObject({ fence: fence + 1, claims: 2 });
  });

  test("leaves its claim to the lease, and tells the operator why", async () => {
    const tools = createTools();
    const execution = await claimFor(createRequest(tools));
    const record = await tools.store.read("id");
    expect(await settleWithoutResponse(execution, "leave")).toEqual({ kind: "stands" });
    await settleWithoutResponse(execution, "leave", "It was late.");
    expect(await tools.store.read("id")).toEqual(record);
    const left = { kind: "left", recordId: "id", fence: execution.fence };
    expect(tools.observed.slice(1)).toEqual([left, { ...left, message: "It was late." }]);
  });

  test("leaves a claim that was taken over to its successor", async () => {
    const tools = createTools();
    const request = createRequest(tools);
    const execution = await claimFor(request);
    tools.clock.advance(60_000);
    const { owner } = await claimFor(request);
    expect(await settleWithoutResponse(execution, "release")).toEqual({ kind: "stands" });
    expect(tools.observed.at(-1)).toMatchObject({ kind: "fenced", fence: execution.fence });
    expect(await tools.store.read("id")).toMatchObject({ owner, leaseUntilMs: START_MS + 71_000 });
  });

  test("gives its response all the same if the store fails: the lease ends the claim", async () => {
    const cause = new StoreError("m", new Error("why"));
    const store = { ...memoryStore(), release: () => Promise.reject(cause) };
    const tools = createTools({ store });
    const execution = await claimFor(createRequest(tools));
    expect(await settleWithoutResponse(execution, "release")).toEqual({ kind: "stands" });
    const { fence } = execution;
    expect(tools.observed.at(-1)).toEqual({ kind: "unsettled", recordId: "id", fence, cause });
  });
});

test("a release says whether the claim was still the execution's", async () => {
  const tools = createTools();
  const request = createRequest(tools);
  const execution = await claimFor(request);
  expect(await release(execution)).toBe(true);
  await claimFor(request);
  expect(await release(execution)).toBe(false);
});

describe("an execution that has claimed nothing, and responds without a record,", () => {
  const unclaimed = (tools = createTools(), fingerprint = "same") =>
    enterUnclaimed(createRequest(tools, { fingerprint }));

  test("gives its response where there is no other", async () => {
    expect(await settleAsRepeat(unclaimed())).toEqual({ kind: "stands" });
    expect(await settleWithoutResponse(unclaimed(), "release")).toEqual({ kind: "stands" });
  });

  test("gives its response beside a claim", async () => {
    const tools = createTools();
    await claimFor(createRequest(tools));
    expect(await settleAsRepeat(unclaimed(tools))).toEqual({ kind: "stands" });
  });

  test("gives way to the stored response, and to another request under its key", async () => {
    const tools = createTools();
    const { owner, fence } = await claimFor(createRequest(tools));
    const completion = { id: "id", owner, fence, response: "{}", expiresAtSeconds: undefined };
    await tools.store.complete(completion);
    const replay = { kind: "replay", response: "{}" };
    expect(await settleAsRepeat(unclaimed(tools))).toEqual(replay);
    expect(await settleWithoutResponse(unclaimed(tools), "leave")).toEqual(replay);
    expect(await settleAsRepeat(unclaimed(tools, "another"))).toMatchObject({
      refusal: { code: "payload_mismatch" },
    });
  });

  test.each([
    [new StoreError("m", new Error("why")), "store_unavailable"],
    [new RecordError("m"), "record_unreadable"],
  ])("gives no response if it cannot know: %s", async (cause, code) => {
    const store = { ...memoryStore(), read: () => Promise.reject(cause) };
    const tools = createTools({ store });
    const execution = enterUnclaimed(createRequest(tools, { contract: ietf() }));
    const refusal = { code, cause };
    expect(await settleAsRepeat(execution)).toEqual({ kind: "refuse", refusal });
    expect(tools.observed).toEqual([{ kind: "refused", recordId: "id", ...refusal }]);
  });
});
