import type { Lane } from "./lane.ts";
import { type Death, type Played, play } from "./play.ts";
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
  readonly death: Death;
  readonly what: string;
}

/** Every death of a scenario: at each point that an uninterrupted attempt passes, with each request. */
export function killsOf(scenario: Scenario, { story, attempt }: Played): Kill[] {
  const passed = "passed" in attempt ? attempt.passed : [];
  const deaths: Death[] = [
    ...passed.map((point) => ({ at: "point", point }) as const),
    ...Array.from({ length: attempt.requests }, (_, index) => ({ at: "request", index }) as const),
  ];
  return deaths.map((death) => ({ scenario, death, control: story }));
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
  return what === undefined ? undefined : { scenario: scenario.title, death, what };
}
