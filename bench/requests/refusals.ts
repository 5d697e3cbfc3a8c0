import { randomUUID } from "node:crypto";
import { ARMS } from "../arms/arms.ts";
import { createBusiness } from "../arms/business.ts";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { createResponse } from "./answers.ts";
import { createEvent, createInvocationContext } from "./event.ts";

/** The number of effects of one request, which may take effect once. */
export interface Refusals {
  readonly arm: string;
  /** The first execution is still running, and the client repeats the request twice. */
  readonly repeatedInFlight: number;
  /** The first execution has ended; another payload comes under its key, and then the request again. */
  readonly repeatedAfterMismatch: number;
}

/**
 * Counts the executions of a request if another request under its key is refused in between. A
 * refusal must leave the record as it is: a library that deletes the record lets the next repeat
 * execute.
 */
export async function countExecutions(engine: EngineUnderTest): Promise<Refusals[]> {
  const rows: Refusals[] = [];
  for (const arm of ARMS.filter(({ knows }) => knows.inFlight && knows.mismatch)) {
    const client = arm.connect(engine.endpoint);
    const service = () => {
      const business = createBusiness(engine.tables.ledger);
      const { records } = engine.tables;
      const wiring = { client, records, business, answer: createResponse(512), cached: false };
      const handler = arm.handler({ ...wiring, effect: "outside" });
      const key = randomUUID();
      const send = (amountMinor: number) =>
        handler(createEvent(key, { amountMinor }), createInvocationContext()).catch(
          () => undefined,
        );
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
