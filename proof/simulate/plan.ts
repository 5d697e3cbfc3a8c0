import fc from "fast-check";
import { type Configuration, listDeployments, listServices, type Service } from "./service.ts";
import { AROUND_THE_END } from "./time.ts";

/** One history before it is played: its requests, and its faults with their times. */
export interface HistoryPlan {
  readonly service: Service;
  /** The configuration with which the route is deployed again. */
  readonly next: Configuration;
  /** The differences of the two environments' clocks from the true time, in milliseconds. */
  readonly skewsMs: readonly [number, number];
  readonly requests: readonly RequestPlan[];
  readonly turns: readonly Turn[];
}

/** One request, and the fortune of its handler. */
export interface RequestPlan {
  readonly tenant: "alice" | "bob";
  readonly amount: number;
  readonly environment: number;
  readonly fortune: Fortune;
}

/**
 * The behaviour of the handler: it pays; it fails before or after the payment; the business refuses;
 * or it is careless: it does not wait for its commit, or ignores the failure of its commit.
 */
export type Fortune =
  | "pays"
  | "does not wait"
  | "ignores a failed commit"
  | "has a step that throws 404"
  | "lacks the money"
  | "throws"
  | "returns 503"
  | "throws 404"
  | "rejects"
  | "throws afterwards";

/**
 * A disturbance. Without turns, each request is carried out to its end before the next request
 * arrives. At step `at` the next event is held back, stalls while time passes, or meets a fault; or time
 * passes, the completer runs, or environments get the other configuration, and keep it until the next
 * deployment: their new processes serve new requests, and their old ones end what they have begun.
 */
export interface Turn {
  readonly at: number;
  readonly kind: "hold" | "stall" | "fault" | "time" | "completer" | "deploy";
  /** The number of steps to hold back, or the choice among the possible faults, times and environments. */
  readonly choice: number;
}

/** The errors of clocks; the largest are longer than any lease. */
const SKEWS_MS = [0, 0, 2_000, -2_000, 300_000, -300_000];

const FORTUNES: readonly Fortune[] = [
  ...(["pays", "pays", "pays", "pays", "pays", "pays"] as const),
  ...([
    "lacks the money",
    "throws",
    "returns 503",
    "throws 404",
    "rejects",
    "throws afterwards",
  ] as const),
  ...(["does not wait", "ignores a failed commit", "has a step that throws 404"] as const),
];

const requests: fc.Arbitrary<RequestPlan> = fc.record({
  tenant: fc.constantFrom("alice", "alice", "alice", "alice", "bob"),
  amount: fc.constantFrom(10, 10, 10, 20),
  environment: fc.constantFrom(0, 1),
  fortune: fc.constantFrom(...FORTUNES),
});

const TURN_KINDS = [
  ...(["hold", "stall", "fault", "fault", "fault", "time", "time", "time"] as const),
  ...(["completer", "deploy"] as const),
];

const turn: fc.Arbitrary<Turn> = fc.record({
  at: fc.nat({ max: 24 }),
  kind: fc.constantFrom(...TURN_KINDS),
  choice: fc.nat({ max: 23 }),
});

const anyTurns = fc.array(turn, { maxLength: 8, size: "max" });

/**
 * A request that arrives shortly before a record ends, and whose message is late: rare among any turns,
 * although much depends on it.
 */
const turnsAroundTheEnd: fc.Arbitrary<Turn[]> = fc
  .record({
    before: fc.integer({ min: 3, max: 8 }),
    late: fc.integer({ min: 1, max: 6 }),
    end: fc.integer({ min: 1, max: 4 }),
    time: fc.constantFrom(AROUND_THE_END.end, AROUND_THE_END.deletion),
    steps: fc.constantFrom(1, 4, 7, 10, 13),
    others: fc.array(turn, { maxLength: 3, size: "max" }),
  })
  .map(({ before, late, end, time, steps, others }) => [
    { at: before, kind: "time", choice: AROUND_THE_END.before },
    { at: before + late, kind: "fault", choice: steps },
    { at: before + late + end, kind: "time", choice: time },
    ...others,
  ]);

/** A service, and a configuration with which it may be deployed. */
const deployments = fc.constantFrom(...listServices()).chain((service) =>
  fc.record({
    service: fc.constant(service),
    next: fc.constantFrom(...listDeployments(service)),
  }),
);

/** Histories that are small enough to be read as a story. */
export const plans: fc.Arbitrary<HistoryPlan> = fc
  .record({
    deployment: deployments,
    skewsMs: fc.tuple(fc.constantFrom(...SKEWS_MS), fc.constantFrom(...SKEWS_MS)),
    requests: fc.array(requests, { minLength: 1, maxLength: 4, size: "max" }),
    turns: fc.oneof(
      { weight: 7, arbitrary: anyTurns },
      { weight: 1, arbitrary: turnsAroundTheEnd },
    ),
  })
  .map(({ deployment, ...rest }) => ({ ...deployment, ...rest }));
