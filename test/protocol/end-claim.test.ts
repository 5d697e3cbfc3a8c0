import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { ietf, memoryStore } from "../../lib/index.ts";
import { endClaim } from "../../lib/protocol/end-claim.ts";
import type { Execution, Tools } from "../../lib/protocol/execution.ts";
import { enter } from "../../lib/protocol/flow.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";

/** A claim, and another execution that can take it over once its lease has lapsed. */
async function claimed() {
  const clock: ManualClock = manualClock();
  const tools: Tools = {
    store: memoryStore(),
    clock,
    randomUUID,
    observe: () => undefined,
    leaseMarginMs: 1_000,
  };
  const claim = async (): Promise<Execution> => {
    const request = { id: "id", fingerprint: "same", remainingMs: () => 10_000 };
    const entry = await enter(tools, ietf(), request);
    if (entry.kind !== "execute") throw new Error("The key is in use.");
    return entry.execution;
  };
  return { tools, clock, claim, execution: await claim() };
}

test("a claim is freed, or released, by its owner", async () => {
  const { tools, claim, execution } = await claimed();
  expect(await endClaim(tools, execution, "free")).toBe("freed");
  expect(await endClaim(tools, await claim(), "release")).toBe("released");
});

test.each(["free", "release"] as const)(
  "a claim that another execution has taken over is left to it: %s",
  async (settlement) => {
    const { tools, clock, claim, execution } = await claimed();
    clock.advance(60_000);
    const successor = await claim();
    expect(await endClaim(tools, execution, settlement)).toBe("fenced");
    expect(await tools.store.read("id")).toMatchObject({
      owner: successor.owner,
      leaseUntilMs: clock.now() + 11_000,
    });
  },
);

test("an ended record is left as it is", async () => {
  const { tools, execution } = await claimed();
  const { owner } = execution;
  const response = "{}";
  await tools.store.complete({ id: "id", owner, response, expiresAtSeconds: undefined });
  expect(await endClaim(tools, execution, "free")).toBe("fenced");
  expect(await tools.store.read("id")).toMatchObject({ state: "COMPLETED" });
});
