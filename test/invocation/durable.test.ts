import { describe, expect, test } from "@jest/globals";
import { type RefusalCode, StoreError } from "../../lib/errors.ts";
import { idempotentFunction, memoryStore, type Store, task } from "../../lib/index.ts";
import {
  findDurableExecution,
  isDurableContext,
  isInvocationRetried,
  outputsInDurable,
  readInvocation,
} from "../../lib/invocation/durable.ts";
import type { Outputs } from "../../lib/invocation/surface.ts";

const ARN = "arn:aws:lambda:eu-central-1:1:function:f:1/durable-execution/name/id";
const SETTINGS = { claimAt: "start", executionTimeoutSeconds: 60 } as const;

/** The members of a durable context that the layer reads, in a new invocation. */
const durableContext = (arn: unknown = ARN) => ({
  executionContext: { durableExecutionArn: arn },
  lambdaContext: { awsRequestId: "1", getRemainingTimeInMillis: () => 5_000 },
  step: () => {},
  wait: () => {},
});

describe("a context", () => {
  const { executionContext, lambdaContext, step, wait } = durableContext();
  test.each<[boolean, string, object]>([
    [true, "with the ARN of an execution", { executionContext }],
    [true, "with the operations of an execution", { lambdaContext, step, wait }],
    [false, "of a plain invocation", lambdaContext],
    [false, "with one operation", { lambdaContext, step }],
    [false, "with operations of its own", { step, wait }],
    [false, "without members", {}],
  ])("is durable (%p): %s", (expected, _which, context) => {
    expect(isDurableContext(context)).toBe(expected);
  });

  test("has the invocation's members in its Lambda context", () => {
    const context = durableContext();
    expect(readInvocation(context as never)).toBe(context.lambdaContext);
    const plain = { awsRequestId: "2", lambdaContext };
    expect(readInvocation(plain)).toBe(plain);
    const bare = { executionContext };
    expect(readInvocation(bare as never)).toBe(bare);
  });
});

describe("a durable execution", () => {
  test("has the same id in each invocation, and owners of its own in each", () => {
    const context = durableContext();
    const first = findDurableExecution(context, SETTINGS);
    const again = findDurableExecution({ ...context }, SETTINGS);
    const next = findDurableExecution(durableContext(), SETTINGS);
    expect(first).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      timeoutMs: 60_000,
      owners: new Set(),
    });
    expect(again?.owners).toBe(first?.owners);
    expect(next?.id).toBe(first?.id);
    expect(next?.owners).not.toBe(first?.owners);
    const other = { ...context, executionContext: { durableExecutionArn: `${ARN}2` } };
    expect(findDurableExecution(other, SETTINGS)?.id).not.toBe(first?.id);
    expect(findDurableExecution(other, SETTINGS)?.owners).not.toBe(first?.owners);
  });

  test("is none in a plain invocation, under any settings", () => {
    const settings = { claimAt: "commit", executionTimeoutSeconds: undefined } as const;
    expect(findDurableExecution({ awsRequestId: "1" }, settings)).toBeUndefined();
  });

  test.each([
    ["no ARN", durableContext(""), SETTINGS],
    ["an ARN that is no text", durableContext(1), SETTINGS],
    ["a claim at the commit", durableContext(), { ...SETTINGS, claimAt: "commit" } as const],
    ["no timeout", durableContext(), { ...SETTINGS, executionTimeoutSeconds: undefined }],
  ])("is refused with %s", (_which, context, settings) => {
    expect(() => findDurableExecution(context, settings)).toThrow("Nothing was executed.");
  });
});

describe("in a durable execution, a refusal", () => {
  const outputs = { respond: async () => "refused" } as unknown as Outputs<string>;
  const respond = (code: RefusalCode) =>
    outputsInDurable(outputs).respond({ kind: "refuse", refusal: { code } });

  test.each<RefusalCode>([
    "store_unavailable",
    "outcome_not_recorded",
    "commit_collided",
    "claim_lost",
  ])("that may pass ends the invocation alone: %s", async (code) => {
    const error = await respond(code).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "IdempotencyInvocationInterrupted", code });
    expect(isInvocationRetried(error)).toBe(true);
  });

  test.each<RefusalCode>(["request_in_flight", "payload_mismatch", "record_unreadable"])(
    "that stays is the end of the execution: %s",
    async (code) => {
      expect(await respond(code)).toBe("refused");
    },
  );
});

test.each([new Error("plain"), { isUnrecoverableInvocation: true }, undefined])(
  "any other error ends the execution: %p",
  (error) => {
    expect(isInvocationRetried(error)).toBe(false);
  },
);

/** A store that notes the record of its last claim. */
function notingStore(changes: Partial<Store> = {}) {
  const store = memoryStore();
  let id = "";
  const noting: Store = {
    ...store,
    ...changes,
    claim: (...given) => {
      id = given[0].id;
      return store.claim(...given);
    },
  };
  const leaseUntilMs = async () => {
    const record = await store.read(id);
    return record?.state === "CLAIMED" ? record.leaseUntilMs : undefined;
  };
  return { store: noting, leaseUntilMs };
}

const OPTIONS = {
  ...({ name: "order", key: () => "k", singleTenant: true, executionTimeoutSeconds: 60 } as const),
  clock: { now: () => 0, sleep: async () => {} },
  observe: () => {},
} as const;

describe("the claim of a handler that throws in a durable execution", () => {
  /** Runs a function that throws, in the last moments of an invocation, and returns the rest of its lease. */
  async function leaseAfter(error: Error, context: object): Promise<unknown> {
    const { store, leaseUntilMs } = notingStore();
    const call = idempotentFunction(() => Promise.reject(error), { ...OPTIONS, store });
    await expect(call({}, context as never)).rejects.toBe(error);
    return leaseUntilMs();
  }

  const late = () => ({
    ...durableContext(),
    lambdaContext: { getRemainingTimeInMillis: () => 1 },
  });
  const retried = Object.assign(new Error("again"), { isUnrecoverableInvocation: true });

  test.each<[string, Error, object, number]>([
    ["is released, also near the end of the invocation", new Error("down"), late(), 0],
    ["stays for the next invocation, if Lambda makes one", retried, durableContext(), 61_000],
    ["is not kept for an error of that form elsewhere", retried, {}, 0],
  ])("%s", async (_what, error, context, leaseUntilMs) => {
    expect(await leaseAfter(error, context)).toBe(leaseUntilMs);
  });
});

test("a step that could not be recorded ends the invocation, and the claim stays for the next one", async () => {
  const checkpoint = () => Promise.reject(new StoreError("no answer", undefined));
  const { store, leaseUntilMs } = notingStore({ checkpoint });
  const contract = task({ interrupted: "resume" });
  const call = idempotentFunction(
    (_input, { idempotency }) => idempotency.step("pay", async () => "paid"),
    { ...OPTIONS, store, contract },
  );
  await expect(call({}, durableContext() as never)).rejects.toMatchObject({
    name: "IdempotencyInvocationInterrupted",
    code: "outcome_not_recorded",
  });
  expect(await leaseUntilMs()).toBe(61_000);
});

test.each([
  ["in a durable execution, which may wait, no timer is started", durableContext(), 0],
  ["in a plain invocation one is", durableContext().lambdaContext, 1],
])("%s", async (_where, context, expected) => {
  let started = 0;
  const startTimer = () => {
    started += 1;
    return () => {};
  };
  const clock = { ...OPTIONS.clock, startTimer };
  const call = idempotentFunction(async () => {}, { ...OPTIONS, clock, store: memoryStore() });
  await call({}, context as never);
  expect(started).toBe(expected);
});
