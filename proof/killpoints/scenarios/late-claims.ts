import { abandon } from "../disturbances.ts";
import type { Lane } from "../lane.ts";
import { proofRequest } from "../requests.ts";
import type { Scenario } from "../scenario.ts";

const DAY_MS = 24 * 60 * 60_000;

/** A request of the same key has ended, a day ago and more; its record still stands. */
async function leaveEndedRecord(lane: Lane): Promise<undefined> {
  await lane.call(proofRequest("late-claim", { "x-end": "without a commit" }));
  lane.clock.advance(DAY_MS + 60_000);
}

/** The deployment before claimed at the start, and its execution is dead. */
async function leaveLapsedClaim(lane: Lane): Promise<undefined> {
  await abandon(
    lane,
    proofRequest("late-claim", { "x-deployment": "before" }),
    "#state = :completed",
  );
  lane.clock.advance(60_000);
}

const RECORDS = [
  ["an ended record", leaveEndedRecord],
  ["a lapsed claim", leaveLapsedClaim],
] as const;

/** Requests that claim at the commit, and find a record that must be claimed first. */
export const LATE_CLAIMS: readonly Scenario[] = RECORDS.flatMap(([record, prepare]) =>
  ["commits", "refused by the business", "rejected", "without a commit"].map(
    (end): Scenario => ({
      title: `a claim at the commit over ${record}: ${end}`,
      prepare,
      call: () => proofRequest("late-claim", { "x-end": end }),
    }),
  ),
);
