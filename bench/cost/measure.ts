import { randomUUID } from "node:crypto";
import { startTap } from "../../local/tap.ts";
import { createBusiness } from "../arms/business.ts";
import { type EngineUnderTest, startEngineUnderTest } from "../measuring/engine-under-test.ts";
import { progress, progressDone } from "../print/progress.ts";
import { type Contents, createResponse } from "../requests/answers.ts";
import { createEvent, createInvocationContext } from "../requests/event.ts";
import { meterWire } from "../wire/wire-meter.ts";
import type { UnitCosts } from "./expected.ts";
import { STRATEGIES, type Strategy } from "./strategies.ts";

/** The costs of a strategy for responses of one kind and size. */
export interface Measured extends UnitCosts {
  readonly strategy: string;
  readonly contents: Contents;
  readonly answerBytes: number;
}

const KB = 1024;
const SIZES = [KB / 2, 10 * KB, 100 * KB];

/** This header makes a request a suspected duplicate, though its key has not been seen before. */
const RETRY = { "x-stainless-retry-count": "1" };

/** Meters a fresh request and its duplicate, for each strategy and each kind of response. */
export async function measureUnits(): Promise<Measured[]> {
  const engine = await startEngineUnderTest();
  try {
    return await measureOn(engine);
  } finally {
    await engine.close();
  }
}

async function measureOn(engine: EngineUnderTest): Promise<Measured[]> {
  const tap = await startTap(engine.endpoint);
  const { take } = meterWire(tap, engine.direct);
  const measured: Measured[] = [];
  try {
    for (const contents of ["JSON", "random"] as const) {
      for (const answerBytes of SIZES) {
        for (const strategy of STRATEGIES) {
          progress(`${contents}, ${answerBytes} bytes: ${strategy.name}`);
          const units = await measureOne(strategy, contents, answerBytes);
          measured.push({ strategy: strategy.name, contents, answerBytes, ...units });
        }
      }
    }
  } finally {
    await tap.close();
  }
  progressDone();
  return measured;

  async function measureOne(
    { arm, cached }: Strategy,
    contents: Contents,
    answerBytes: number,
  ): Promise<UnitCosts> {
    const client = arm.connect(tap.endpoint());
    const answer = createResponse(answerBytes, contents);
    const { records, ledger } = engine.tables;
    const business = createBusiness(ledger);
    const wiring = { client, records, business, effect: "outside", answer, cached } as const;
    const first = arm.handler(wiring);
    // Without the cache, the duplicate meets another process.
    const second = cached ? first : arm.handler(wiring);
    const key = randomUUID();
    take();
    await first(createEvent(key), createInvocationContext());
    const fresh = take();
    await second(createEvent(key, { headers: RETRY }), createInvocationContext());
    const duplicate = take();
    if (business.executions() !== 1) throw new Error(`${arm.name}: the duplicate was executed.`);
    client.destroy();
    return { fresh, duplicate };
  }
}
