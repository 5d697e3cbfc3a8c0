import type { TapRequest } from "../../../local/tap.ts";
import { collide, delayClaim, isCompletion, loseResponses, refuse } from "../disturbances.ts";
import { COMPLETION, proofRequest, SAMPLE } from "../requests.ts";
import { deniedOnceBegun, unknownOnceBegun } from "../rules.ts";
import type { Scenario } from "../scenario.ts";

/** Requests that DynamoDB refuses, loses or delays. */
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
    title: "an entry that may not be tried twice, and collides until its time is over",
    call: () => proofRequest("given-up"),
    disturb: (lane) => collide(lane, 4, 3_000),
    afterwards: [() => COMPLETION],
    isFinal: (result) => result.kind === "returned" && Object(result.response).statusCode < 500,
    rule: unknownOnceBegun,
  },
  {
    title: "a claim whose responses are lost",
    call: () => SAMPLE.gluwaTransaction(),
    disturb: (lane) => loseResponses(lane, 3),
    afterwards: [() => COMPLETION],
    isFinal: (result) => result.kind === "returned" && Object(result.response).statusCode < 500,
    rule: deniedOnceBegun,
  },
  {
    title: "an effect outside DynamoDB whose completion is throttled",
    call: () => proofRequest("pay-outside"),
    // The SDK sends each of two calls three times.
    disturb: (lane) => refuse(lane, "ThrottlingException", 6, isCompletion),
  },
  {
    title: "an effect outside DynamoDB whose record cannot be read first",
    call: () => proofRequest("pay-outside"),
    disturb: (lane) =>
      refuse(lane, "InternalServerError", 3, ({ operation }) => operation === "GetItem"),
  },
  {
    title: "a charge whose commit fails with a server error",
    call: () => SAMPLE.charge(),
    disturb: (lane) => refuse(lane, "InternalServerError", 3, isTransaction),
  },
  {
    title: "a transaction that may not be tried twice, whose commit fails until its time is over",
    call: () => SAMPLE.gluwaTransaction(),
    disturb: (lane) => refuse(lane, "InternalServerError", 100, isTransaction, 5_000),
    afterwards: [() => COMPLETION],
    rule: deniedOnceBegun,
  },
  {
    title: "a charge whose table is not found",
    call: () => SAMPLE.charge(),
    disturb: (lane) => refuse(lane, "ResourceNotFoundException", 1, isTransaction),
  },
  ...[{}, { "x-hook": "fails" }].map(
    (headers): Scenario => ({
      title: `the middleware, near the end of the invocation${"x-hook" in headers ? ", when a hook fails" : ""}`,
      call: () => proofRequest("pay-outside-middy", headers),
      disturb: (lane) => delayClaim(lane, 9_300),
      // The first response is not recorded; the story compares the recorded one.
      isFinal: () => false,
    }),
  ),
];

const isTransaction = ({ operation }: TapRequest) => operation === "TransactWriteItems";
