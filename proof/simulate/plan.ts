import fc from "fast-check";

/** One history before it is played: its requests, and its faults with their times. */
export interface HistoryPlan {
  readonly service: Service;
  /** The differences of the two environments' clocks from the true time, in milliseconds. */
  readonly skewsMs: readonly [number, number];
  readonly requests: readonly RequestPlan[];
  readonly turns: readonly Turn[];
}

/** The deployed service. */
export interface Service {
  readonly profile: "ietf" | "dwolla" | "stripe" | "orzcash" | "dfns" | "gluwa";
  readonly claimAt: "start" | "commit";
  /** The place of the effect: in the commit, at a bank that knows downstream keys, or in steps with both. */
  readonly work: "commit" | "bank" | "steps";
  readonly face: "wrapper" | "middleware";
  /** Whether environments cache completed records, and read before they claim. */
  readonly remembers: boolean;
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
 * arrives. At step `at` the next event is held back, stalls for longer than a lease, or meets a
 * fault; or time passes, or the completer runs.
 */
export interface Turn {
  readonly at: number;
  readonly kind: "hold" | "stall" | "fault" | "time" | "completer";
  /** The number of steps to hold back, or the choice among the possible faults and times. */
  readonly choice: number;
}

const PROFILES = ["ietf", "dwolla", "stripe", "orzcash", "dfns", "gluwa"] as const;

const SERVICES: readonly Service[] = PROFILES.flatMap((profile) =>
  (["start", "commit"] as const).flatMap((claimAt) =>
    (["commit", "bank", "steps"] as const).flatMap((work) =>
      (["wrapper", "middleware"] as const).flatMap((face) =>
        [false, true].map((remembers) => ({ profile, claimAt, work, face, remembers })),
      ),
    ),
  ),
).filter(
  ({ profile, claimAt, work }) =>
    (claimAt === "start" || work === "commit") && (work !== "steps" || profile === "orzcash"),
);

/** The errors of clocks; the largest are longer than any lease. */
const SKEWS_MS = [0, 2_000, -2_000, 300_000, -300_000];

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

const TURN_KINDS = ["hold", "stall", "fault", "fault", "time", "time", "completer"] as const;

const turns: fc.Arbitrary<Turn> = fc.record({
  at: fc.nat({ max: 24 }),
  kind: fc.constantFrom(...TURN_KINDS),
  choice: fc.nat({ max: 23 }),
});

/** Histories that are small enough to be read as a story. */
export const plans: fc.Arbitrary<HistoryPlan> = fc.record({
  service: fc.constantFrom(...SERVICES),
  skewsMs: fc.tuple(fc.constantFrom(...SKEWS_MS), fc.constantFrom(...SKEWS_MS)),
  requests: fc.array(requests, { minLength: 1, maxLength: 4, size: "max" }),
  turns: fc.array(turns, { maxLength: 8, size: "max" }),
});
