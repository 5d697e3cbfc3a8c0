import { describe, expect, test } from "@jest/globals";
import { RecordError, StoreError, type StoreFailure } from "../../lib/errors.ts";
import { patience, patiently } from "../../lib/protocol/patience.ts";
import type { CallOptions } from "../../lib/protocol/store.ts";
import { manualClock } from "../support/clock.ts";

const failing = (failure?: StoreFailure) => new StoreError("not now", new Error("why"), failure);

/** Sends to a store that fails in turn, and then answers. */
async function send(errors: readonly unknown[], remainingMs: () => number | undefined = () => 9e3) {
  const clock = manualClock();
  const tools = { clock, randomUUID: () => "ffffffff-0000", leaseMarginMs: 1_000 };
  const bounds: CallOptions[] = [];
  const result = await patiently({ tools, remainingMs }, async (options) => {
    bounds.push(options);
    if (bounds.length <= errors.length) throw errors[bounds.length - 1];
    return "done";
  }).catch((error) => error);
  return { result, bounds };
}

describe("a request that the store does not carry out", () => {
  test.each<StoreFailure>(["conflict", "throttled", "failed"])(
    "for now (%s) is sent again until it is carried out",
    async (failure) => {
      const { result, bounds } = await send([failing(failure), failing(failure)]);
      expect(result).toBe("done");
      expect(bounds).toHaveLength(3);
    },
  );

  test("or that got no reply is sent once: the client has tried for long enough", async () => {
    const error = failing();
    const { result, bounds } = await send([error]);
    expect(result).toBe(error);
    expect(bounds).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ["a record that cannot be read", new RecordError("m")],
    ["any other error than a store's", Object.assign(new Error("m"), { failure: "throttled" })],
    ["nothing at all", undefined],
    ["an error of a store that does not say why", { name: "IdempotencyStoreError" }],
  ])("because of %s is sent once", async (_name, error) => {
    const { result, bounds } = await send([error]);
    expect(result).toBe(error);
    expect(bounds).toHaveLength(1);
  });

  test("throws the last error when there is no time left", async () => {
    const errors = Array.from({ length: 99 }, () => failing("throttled"));
    const { result, bounds } = await send(errors, () => 2_000);
    expect(bounds).toHaveLength(6);
    expect(result).toBe(errors[5]);
  });

  test("has each of its sends bounded by the time that is left then", async () => {
    let remainingMs = 10_000;
    const { bounds } = await send([failing("throttled")], () => {
      remainingMs -= 1_000;
      return remainingMs;
    });
    expect(bounds).toMatchObject([{ timeoutMs: 8_500 }, { timeoutMs: 4_500 }]);
  });
});

describe("the time for another send", () => {
  const waits = (remainingMs: () => number | undefined, clock = manualClock()) =>
    patience({
      tools: { clock, randomUUID: () => "ffffffff-0000", leaseMarginMs: 1_000 },
      remainingMs,
    });

  test("is over when the platform says so, although the clock has stood still", async () => {
    let remainingMs = 10_000;
    const wait = waits(() => remainingMs);
    expect(await wait()).toBe(true);
    remainingMs = 1_000;
    expect(await wait()).toBe(false);
  });

  test("is over when the process was frozen during the wait, and wakes up in another invocation", async () => {
    let remainingMs = 10_000;
    const clock = manualClock();
    const frozen = {
      now: clock.now,
      async sleep(durationMs: number) {
        await clock.sleep(durationMs);
        remainingMs = -3_600_000;
      },
    };
    expect(await waits(() => remainingMs, { ...clock, ...frozen })()).toBe(false);
  });

  test("is over when the clock says so, although the platform does not move", async () => {
    const clock = manualClock();
    const wait = waits(() => 10_000, clock);
    clock.advance(9_000);
    expect(await wait()).toBe(false);
  });

  test("is over when neither clock moves, and no number is drawn", async () => {
    const clock = { ...manualClock(), now: () => 0, sleep: async () => {} };
    for (const uuid of ["00000000-0000", "ffffffff-0000", "not hexadecimal"]) {
      const tools = { clock, randomUUID: () => uuid, leaseMarginMs: 1_000 };
      const wait = patience({ tools, remainingMs: () => 2_000 });
      let waits = 0;
      while (await wait()) waits += 1;
      expect(waits).toBeLessThanOrEqual(1_000);
    }
  });

  test("is waited for, also where no number can be drawn", async () => {
    const clock = manualClock();
    const startMs = clock.now();
    const tools = { clock, randomUUID: () => "request-1", leaseMarginMs: 1_000 };
    await patience({ tools, remainingMs: () => 9_000 })();
    expect(clock.now() - startMs).toBe(25);
  });

  test("is bounded if the end of the invocation is unknown", async () => {
    const clock = manualClock();
    const startMs = clock.now();
    const wait = waits(() => undefined, clock);
    while (await wait());
    expect(clock.now() - startMs).toBe(8_775);
  });
});
