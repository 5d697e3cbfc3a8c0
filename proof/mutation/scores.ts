import type { Mutant } from "./report.ts";

/** The counts of one file's mutants, or of all mutants. */
export interface Score {
  readonly name: string;
  /** Killed and surviving mutants. */
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  /** Harmless mutants, which a comment in the code disables; no test has judged them. */
  readonly ignored: number;
  /** The percentage of killed mutants. */
  readonly score: number;
}

type JudgedMutant = Pick<Mutant, "file" | "status">;

export function hasSurvived({ status }: Pick<Mutant, "status">): boolean {
  return status === "Survived" || status === "NoCoverage";
}

/** A score for each file, by name. */
export function scoreFiles(mutants: readonly JudgedMutant[]): Score[] {
  return [...Map.groupBy(mutants, ({ file }) => file)]
    .map(([file, its]) => computeScore(file, its))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

export function computeScore(name: string, judged: readonly JudgedMutant[]): Score {
  const killed = judged.filter(({ status }) => status === "Killed" || status === "Timeout").length;
  const survived = judged.filter(hasSurvived).length;
  const ignored = judged.filter(({ status }) => status === "Ignored").length;
  const mutants = killed + survived;
  const score = mutants === 0 ? 100 : (100 * killed) / mutants;
  return { name, mutants, killed, survived, ignored, score };
}

/** The scores as a table of text. They are rounded down, so that 100.0 means that no mutant survived. */
export function printScores(scores: readonly Score[]): string {
  const width = Math.max(...scores.map(({ name }) => name.length));
  const line = (name: string, ...cells: string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join("");
  return [
    line("", "mutants", "killed", "survived", "ignored", "score"),
    ...scores.map(({ name, mutants, killed, survived, ignored, score }) =>
      line(
        name,
        `${mutants}`,
        `${killed}`,
        `${survived}`,
        `${ignored}`,
        (Math.floor(score * 10) / 10).toFixed(1),
      ),
    ),
  ].join("\n");
}
