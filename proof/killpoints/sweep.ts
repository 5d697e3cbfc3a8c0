import { isDeepStrictEqual } from "node:util";
import type { Lane } from "./lane.ts";
import { type Death, type Played, play } from "./play.ts";
import type { Scenario, Story } from "./scenario.ts";

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

/** Every death of a scenario: at each point that an uninterrupted run passes, with each request. */
export function killsOf(scenario: Scenario, { story, passed, requests }: Played): Kill[] {
  const deaths: Death[] = [
    ...passed.map((point) => ({ at: "point", point }) as const),
    ...Array.from({ length: requests }, (_, index) => ({ at: "request", index }) as const),
  ];
  return deaths.map((death) => ({ scenario, death, control: story }));
}

/** Plays a scenario with its death. @returns what was not as it should be. */
export async function tryKill(lane: Lane, kill: Kill): Promise<Violation | undefined> {
  const { scenario, death, control } = kill;
  const violation = (what: string) => ({ scenario: scenario.title, death, what });
  const { story, isDead } = await play(lane, scenario, death);
  if (!isDead) return violation("the attempt did not come there, and lives");
  try {
    const { apply = (one: Story) => one } = scenario.rule ?? {};
    const found = apply(story);
    const expected = apply(control);
    return isDeepStrictEqual(found, expected) ? undefined : violation(difference(found, expected));
  } catch (error) {
    return violation((error as Error).message);
  }
}

function difference(found: Partial<Story>, expected: Partial<Story>): string {
  const names = Object.keys(expected) as (keyof Story)[];
  const name = names.find((one) => !isDeepStrictEqual(found[one], expected[one]));
  if (name === undefined) return "it has other parts";
  return `${name}: ${JSON.stringify(found[name])}, and uninterrupted ${JSON.stringify(expected[name])}`;
}
