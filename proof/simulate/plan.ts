import fc from "fast-check";

/** One history, before it happens: who asks for what, and what goes wrong when. */
export interface Plan {
  readonly service: Service;
  /** How far the clocks of the two environments are from the true time, in milliseconds. */
  readonly skewsMs: readonly [number, number];
  readonly requests: readonly RequestPlan[];
  readonly turns: readonly Turn[];
}

/** What is deployed. */
export interface Service {
  readonly profile: "ietf" | "dwolla" | "stripe" | "orzcash" | "dfns" | "gluwa";
  readonly claimAt: "start" | "commit";
  /** Where the effect is: in the commit, at a bank that knows downstream keys, or in steps of both. */
  readonly work: "commit" | "bank" | "steps";
  readonly face: "wrapper" | "middleware";
  /** Environments remember what they have seen completed, and look before they claim. */
  readonly remembers: boolean;
}

/** What one request is, and how its handler fares. */
export interface RequestPlan {
  readonly tenant: "alice" | "bob";
  readonly amount: number;
  readonly environment: number;
  readonly fortune: Fortune;
}

/**
 * What the handler does: it pays; or it fails before, or after; or the business refuses; or it is
 * careless: it does not wait for its commit, or takes no notice of how that fails.
 */
export type Fortune =
  | "pays"
  | "does not wait"
  | "takes no notice"
  | "has a step that throws 404"
  | "is poor"
  | "throws"
  | "answers 503"
  | "throws 404"
  | "rejects"
  | "breaks";

/**
 * Something out of the ordinary. Left alone, each request is carried out to its end before the next
 * one arrives; at step `at` what would happen next is held back (or stalls, for longer than a lease), or
 * meets a fault, or time passes, or the completer comes by.
 */
export interface Turn {
  readonly at: number;
  readonly what: "hold" | "stall" | "fault" | "time" | "completer";
  /** For how many steps, or which one of those that are possible. */
  readonly which: number;
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

/** How far clocks are wrong, at most: more than any lease is long. */
const SKEWS_MS = [0, 2_000, -2_000, 300_000, -300_000];

const FORTUNES: readonly Fortune[] = [
  ...(["pays", "pays", "pays", "pays", "pays", "pays"] as const),
  ...(["is poor", "throws", "answers 503", "throws 404", "rejects", "breaks"] as const),
  ...(["does not wait", "takes no notice", "has a step that throws 404"] as const),
];

const requests: fc.Arbitrary<RequestPlan> = fc.record({
  tenant: fc.constantFrom("alice", "alice", "alice", "alice", "bob"),
  amount: fc.constantFrom(10, 10, 10, 20),
  environment: fc.constantFrom(0, 1),
  fortune: fc.constantFrom(...FORTUNES),
});

const WHATS = ["hold", "stall", "fault", "fault", "time", "time", "completer"] as const;

const turns: fc.Arbitrary<Turn> = fc.record({
  at: fc.nat({ max: 24 }),
  what: fc.constantFrom(...WHATS),
  which: fc.nat({ max: 23 }),
});

/** Histories, small enough to be read as a story. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  service: fc.constantFrom(...SERVICES),
  skewsMs: fc.tuple(fc.constantFrom(...SKEWS_MS), fc.constantFrom(...SKEWS_MS)),
  requests: fc.array(requests, { minLength: 1, maxLength: 4, size: "max" }),
  turns: fc.array(turns, { maxLength: 8, size: "max" }),
});
