import { randomUUID } from "node:crypto";
import { ARMS } from "../arms/arms.ts";
import { businessOf } from "../arms/business.ts";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { answerOf } from "./answers.ts";
import { contextOf, eventOf } from "./event.ts";

/** How often the effect of one request took place, though it may once. */
export interface Refusals {
  readonly arm: string;
  /** The first execution is still running, and the client repeats the request twice. */
  readonly repeatedInFlight: number;
  /** The first has ended; another payload comes under its key, and then the request again. */
  readonly repeatedAfterMismatch: number;
}

/**
 * Counts what becomes of a request whose key was refused to another one in between. A refusal must
 * leave the record as it is: who deletes it lets the next repeat execute.
 */
export async function countExecutions(engine: EngineUnderTest): Promise<Refusals[]> {
  const rows: Refusals[] = [];
  for (const arm of ARMS.filter(({ knows }) => knows.inFlight && knows.mismatch)) {
    const client = arm.connect(engine.endpoint);
    const service = () => {
      const business = businessOf(engine.tables.ledger);
      const { records } = engine.tables;
      const wiring = { client, records, business, answer: answerOf(512), cached: false };
      const handler = arm.handler({ ...wiring, effect: "outside" });
      const key = randomUUID();
      const send = (amountMinor: number) =>
        handler(eventOf(key, { amountMinor }), contextOf()).catch(() => undefined);
      return { business, send };
    };

    const inFlight = service();
    const begun = inFlight.business.hangNext();
    const hanging = inFlight.send(2_500);
    await begun;
    await inFlight.send(2_500);
    await inFlight.send(2_500);
    inFlight.business.letGo();
    await hanging;

    const mismatch = service();
    await mismatch.send(2_500);
    await mismatch.send(9_900);
    await mismatch.send(2_500);

    rows.push({
      arm: arm.name,
      repeatedInFlight: inFlight.business.executions(),
      repeatedAfterMismatch: mismatch.business.executions(),
    });
    client.destroy();
  }
  return rows;
}
