import type { Mutant } from "./report.ts";

/** A mutant that no test kills, and why it may live. */
interface Survivor extends Pick<Mutant, "file" | "code" | "mutant"> {
  readonly why: string;
}

/** Whether it is known to survive, and harmless. */
export function isExplained({ file, code, mutant }: Mutant): boolean {
  return EXPLAINED.some(
    (known) => known.file === file && known.code === code && known.mutant === mutant,
  );
}

/** In the order of the files. `code` and `mutant` are as the command prints them. */
const EXPLAINED: readonly Survivor[] = [
  {
    file: "lib/requirements.ts",
    code: "name.toLowerCase()",
    mutant: "name.toUpperCase()",
    why: "Names are compared without regard to case; which case that is does not matter.",
  },
];
