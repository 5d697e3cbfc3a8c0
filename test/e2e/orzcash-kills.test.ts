import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { ENGINES } from "../support/engines.ts";
import { type Books, keepBooks, NOTHING } from "./books.ts";
import { findStep, STEPS, type StepName } from "./payout-steps.ts";
import { type Received, runService } from "./service.ts";

const PAID: Books = { ...NOTHING, alice: -100, paidOut: 100, paid: 100 };

/** The contents of a response without the members that differ in every payout. */
function told({ status, text, headers }: Received) {
  const { id, paymentId, createdAt, ...payout } = JSON.parse(text);
  expect([id, paymentId, createdAt]).toEqual([
    expect.stringMatching(/^po_/),
    expect.any(String),
    expect.any(String),
  ]);
  return { status, payout, type: headers.get("content-type"), location: `/payouts/${id}` };
}

describe.each(ENGINES)("on %s,", (engine) => {
  const service = runService({ engine });
  const { cloud, payout, advanceClock, disturb, disturbAnswers } = service;
  const { changes } = keepBooks(service);

  /** Kills the function before the engine sees the record of a step. */
  function killBefore(step: StepName): void {
    disturb(async (request) => {
      if (findStep(request) !== step || isDead) return "forward";
      await kill(request.environmentId);
      return "drop-request";
    });
  }

  /** Kills the function when the engine has the record of a step. */
  function killAfter(step: StepName): void {
    disturbAnswers(async (request) => {
      if (findStep(request) !== step || isDead) return "pass";
      await kill(request.environmentId);
      return "drop";
    });
  }

  let isDead = false;
  async function kill(environmentId = ""): Promise<void> {
    isDead = true;
    await cloud().functions.kill(environmentId);
  }

  test.each(
    STEPS.flatMap((step) => [
      { moment: `before step ${step} is recorded`, arm: () => killBefore(step) },
      { moment: `after step ${step}`, arm: () => killAfter(step) },
    ]),
  )(
    "O3: killed $moment, the retry ends with one effect for each step and a control run's response",
    async ({ arm }) => {
      const key = randomUUID();
      isDead = false;
      arm();
      expect((await payout({ key })).status).toBe(500);
      expect(isDead).toBe(true);
      advanceClock(12_000);
      const retry = await payout({ key });
      expect(await changes()).toEqual(PAID);
      expect((await payout({ key })).text).toBe(retry.text);

      const control = await payout({ key: randomUUID() });
      expect(told(retry)).toEqual({
        ...told(control),
        location: retry.headers.get("location"),
      });
      expect(control.headers.get("location")).toBe(told(control).location);
    },
    20_000,
  );
});
