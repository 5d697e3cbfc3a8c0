import type { DueClaim } from "../dynamodb/abandoned.ts";

/** The bounds of a completer's attempts at one request. */
export interface CompleterBounds {
  /** The most attempts. */
  readonly maxAttempts: number;
  /** Milliseconds since the first claim of the request after which no attempt begins. */
  readonly maxAgeMs: number;
}

/** The course for an abandoned claim. */
export type Course =
  /** Nothing has begun: the claim is released. */
  | "release"
  /** The outcome is given up: the contract says so, and no client could go on. */
  | "give up"
  /** No completer can finish the request, or may try again; its client still can. */
  | "mark stuck"
  /** The function is invoked again. */
  | "invoke";

/** Judges an abandoned claim, with a lapsed lease. */
export function judgeAbandoned(
  claim: DueClaim,
  { maxAttempts, maxAgeMs }: CompleterBounds,
  nowMs: number,
): Course {
  if (!claim.mayHaveBegun) return "release";
  if (claim.abandoned === "unknown") return "give up";
  if (claim.event === undefined) return claim.isResumable ? "mark stuck" : "give up";
  const ageMs = nowMs - (claim.startedAtMs ?? nowMs);
  return claim.attempts >= maxAttempts || ageMs >= maxAgeMs ? "mark stuck" : "invoke";
}
