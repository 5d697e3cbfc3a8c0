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
  /** What the same scenario comes to when nothing dies. */
  readonly control: Story;
}

/** A kill after which something was not as it should be. */
export interface Violation {
  readonly scenario: string;
  readonly death: string;
  readonly what: string;
}

/** Every death of a scenario: at each point that an uninterrupted attempt passes, with each request. */
export function killsOf(scenario: Scenario, attempt: CallResult, control: Story): Kill[] {
  const deaths: Death[] = [
    ...passedIn(attempt).map((point) => ({ at: "point", point }) as const),
    ...Array.from({ length: attempt.requests }, (_, index) =>
      (["during the retry", "after the retries"] as const).map(
        (arrives) => ({ at: "request", index, arrives }) as const,
      ),
    ).flat(),
  ];
  return deaths.map((death) => ({ scenario, death, control }));
}

export function passedIn(attempt: CallResult): readonly string[] {
  return attempt.kind === "died" ? [] : attempt.passed;
}

/**
 * The kills in an order that the seed decides; those with a request on its way come first, because
 * they are few, and what arrives late finds most.
 */
export function shuffled(kills: readonly Kill[], seed: number): Kill[] {
  const rankOf = ({ scenario, death }: Kill) => {
    const hash = createHash("sha256").update(`${seed} ${scenario.title} ${nameOf(death)}`);
    return `${death.at === "request" ? 0 : 1} ${hash.digest("hex")}`;
  };
  return kills
    .map((kill) => ({ kill, rank: rankOf(kill) }))
    .sort((one, other) => one.rank.localeCompare(other.rank))
    .map(({ kill }) => kill);
}

/** Plays a scenario with its death. @returns what was not as it should be. */
export async function tryKill(
  lane: Lane,
  { scenario, death, control }: Kill,
): Promise<Violation | undefined> {
  const { story, attempt } = await play(lane, scenario, death);
  const { judge } = scenario.rule ?? asUninterrupted;
  const what =
    attempt.kind === "died" ? judge(story, control) : "the attempt did not come there, and lives";
  return what === undefined ? undefined : { scenario: scenario.title, death: nameOf(death), what };
}

function nameOf(death: Death): string {
  return death.at === "point"
    ? death.point
    : `with its request ${death.index + 1} on the way, which arrives ${death.arrives}`;
}
