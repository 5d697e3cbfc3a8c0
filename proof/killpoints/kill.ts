import { createHash } from "node:crypto";
import type { CallResult } from "./function-pool.ts";
import type { Lane } from "./lane.ts";
import { type Death, play } from "./play.ts";
import { asUninterrupted, type Story } from "./rules.ts";
import type { Scenario } from "./scenario.ts";

/** A scenario with one death in it. */
export interface Kill {
  readonly scenario: Scenario;
  readonly death: Death;
  /** The story of the same scenario without a death. */
  readonly control: Story;
}

/** A kill that broke a promise. */
export interface KillViolation {
  readonly scenario: string;
  readonly death: string;
  readonly breach: string;
}

/** Lists the deaths of a scenario: at each point that an uninterrupted attempt passes, and with each request. */
export function listKills(scenario: Scenario, attempt: CallResult, control: Story): Kill[] {
  const deaths: Death[] = [
    ...readPassedPoints(attempt).map((point) => ({ at: "point", point }) as const),
    ...Array.from({ length: attempt.requests }, (_, index) =>
      (["during the retry", "after the retries"] as const).map(
        (arrives) => ({ at: "request", index, arrives }) as const,
      ),
    ).flat(),
  ];
  return deaths.map((death) => ({ scenario, death, control }));
}

export function readPassedPoints(attempt: CallResult): readonly string[] {
  return attempt.kind === "died" ? [] : attempt.passed;
}

/**
 * Orders the kills by the seed. Kills with a request on its way come first: they are few, and late
 * requests find most violations.
 */
export function shuffle(kills: readonly Kill[], seed: number): Kill[] {
  const computeRank = ({ scenario, death }: Kill) => {
    const hash = createHash("sha256").update(`${seed} ${scenario.title} ${describeDeath(death)}`);
    return `${death.at === "request" ? 0 : 1} ${hash.digest("hex")}`;
  };
  return kills
    .map((kill) => ({ kill, rank: computeRank(kill) }))
    .sort((one, other) => one.rank.localeCompare(other.rank))
    .map(({ kill }) => kill);
}

/** Plays a scenario with its death. @returns the violation, if a promise was broken. */
export async function tryKill(
  lane: Lane,
  { scenario, death, control }: Kill,
): Promise<KillViolation | undefined> {
  const { story, attempt } = await play(lane, scenario, death);
  const { judge } = scenario.rule ?? asUninterrupted;
  const breach =
    attempt.kind === "died"
      ? judge(story, control)
      : "the attempt never reached that point, so its process was not killed";
  return breach === undefined
    ? undefined
    : { scenario: scenario.title, death: describeDeath(death), breach };
}

function describeDeath(death: Death): string {
  return death.at === "point"
    ? death.point
    : `with its request ${death.index + 1} on the way, which arrives ${death.arrives}`;
}
