import { collide, loseAnswers } from "../disturbances.ts";
import { COMPLETION, SAMPLE } from "../requests.ts";
import { deniedOnceBegun } from "../rules.ts";
import type { Scenario } from "../scenario.ts";

/** DynamoDB at its worst. */
export const TROUBLES: readonly Scenario[] = [
  {
    title: "a charge that collides once",
    call: () => SAMPLE.charge(),
    disturb: (lane) => collide(lane, 1),
  },
  {
    title: "a charge that collides until its time is over",
    call: () => SAMPLE.charge(),
    disturb: (lane) => collide(lane, 4, 3_000),
  },
  {
    title: "a payout whose first step collides until its time is over",
    call: () => SAMPLE.payout(),
    disturb: (lane) => collide(lane, 4, 3_000),
  },
  {
    title: "a claim of which nobody hears",
    call: () => SAMPLE.gluwaTransaction(),
    disturb: (lane) => loseAnswers(lane, 3),
    afterwards: [() => COMPLETION],
    isFinal: (result) => result.kind === "returned" && Object(result.answer).statusCode < 500,
    rule: deniedOnceBegun,
  },
];
