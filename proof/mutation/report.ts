import { readFileSync } from "node:fs";

/** One change of the code, with the verdict of the tests. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  /** The whole line in which it begins. */
  readonly sourceLine: string;
  /** The kind of change, by which a comment can disable it. */
  readonly mutator: string;
  /** The original code and the mutant's code, each in one line. */
  readonly code: string;
  readonly mutant: string;
  readonly status: string;
}

/** The part of Stryker's JSON report that is read here. */
interface Report {
  readonly files: Record<string, { source: string; mutants: readonly ReportedMutant[] }>;
}

interface ReportedMutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** Both count from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

export function readReport(path: string): Mutant[] {
  const report: Report = JSON.parse(readFileSync(path, "utf8"));
  return Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
    mutants.map(({ mutatorName, location, replacement = "", status }) => ({
      file,
      line: location.start.line,
      sourceLine: source.split("\n")[location.start.line - 1]?.trim() ?? "",
      mutator: mutatorName,
      code: toOneLine(readText(source, location)),
      mutant: toOneLine(replacement),
      status,
    })),
  );
}

function readText(source: string, { start, end }: ReportedMutant["location"]): string {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((line, index) => (index === last ? line.slice(0, end.column - 1) : line))
    .map((line, index) => (index === 0 ? line.slice(start.column - 1) : line))
    .join("\n");
}

const LONGEST = 100;

function toOneLine(code: string): string {
  const line = code.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
