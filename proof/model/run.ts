import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "../../local/process/command-line.ts";
import { runCommand } from "../kit/command-line.ts";

const MODEL = fileURLToPath(new URL("protocol.pml", import.meta.url));

const USAGE = `Options:
  --quick  without the long searches`;

const OPTIONS = { quick: { type: "boolean", default: false } } as const;

/** One search of the model's states: all states, or up to the first violation. */
interface Variant {
  readonly title: string;
  /** Macros of the model. */
  readonly macros: readonly string[];
  readonly expected: "holds" | "violation";
  /** The number of states within which a violation must be found. */
  readonly mostStates?: number;
  /** Left out by `--quick`. */
  readonly isLong?: boolean;
}

const EVERYTHING = ["STEPS", "ITEM", "COMPLETER", "ONCE", "OTHER_VERSION"];
const WITHOUT_STEPS = EVERYTHING.filter((macro) => macro !== "STEPS");

/** Each safeguard, and the macro that removes it. */
const PLANTED = {
  "no fence": "NO_FENCE",
  "no owner check": "NO_OWNER_CHECK",
  "blind release": "BLIND_RELEASE",
  "no fingerprint in the takeover": "NO_FINGERPRINT_IN_TAKEOVER",
  "effect split from completion": "EFFECT_SPLIT",
  "completion as an upsert": "COMPLETE_IS_AN_UPSERT",
  "free forgets others' work": "FREE_FORGETS_OTHERS",
  "the completer begins what was freed": "COMPLETER_BEGINS_WHAT_WAS_FREED",
};

const VARIANTS: readonly Variant[] = [
  holds("2 executions, everything", EVERYTHING),
  // With steps only completed records expire; without steps claimed records expire as well.
  holds("2 executions, everything but steps", WITHOUT_STEPS),
  holds("2 executions, nothing is taken over", ["ITEM", "ONCE", "NO_TAKEOVER"]),
  long("2 executions, everything, twice as often", [...EVERYTHING, "ENDS=2", "MORE_CLAIMS=2"]),
  long("3 executions, the core", ["N=3"]),
  long("3 executions, steps and a fenced item", ["N=3", "STEPS", "ITEM"]),
  ...Object.entries(PLANTED).map(
    ([safeguard, macro]): Variant => ({
      title: `planted: ${safeguard}`,
      macros: [...EVERYTHING, macro],
      expected: "violation",
      mostStates: 200_000,
    }),
  ),
];

function holds(title: string, macros: readonly string[]): Variant {
  return { title, macros, expected: "holds" };
}

function long(title: string, macros: readonly string[]): Variant {
  return { ...holds(title, macros), isLong: true };
}

/** The result of a search. */
interface Finding {
  readonly found: Variant["expected"] | "unfinished";
  readonly states: number;
  readonly seconds: number;
}

/** `npm run model`, or `npm run model -- --quick` without the long searches. */
async function main(): Promise<boolean> {
  const { quick } = readOptions(process.argv.slice(2), OPTIONS, USAGE);
  requirePrograms();
  const folder = mkdtempSync(join(tmpdir(), "model-"));
  try {
    console.log(row("variant", "expected", "found", "states", "seconds"));
    let isRight = true;
    for (const variant of VARIANTS.filter(({ isLong }) => !(isLong && quick))) {
      const { found, states, seconds } = search(folder, variant);
      isRight &&= found === variant.expected && states <= (variant.mostStates ?? states);
      const { title, expected } = variant;
      console.log(row(title, expected, found, String(states), seconds.toFixed(1)));
    }
    return isRight;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function requirePrograms(): void {
  for (const name of ["spin", "gcc"]) {
    if (spawnSync(name, ["-V"]).error === undefined) continue;
    throw new Error(
      `The model needs ${name}, which is not installed. Install it, on Debian with: apt-get install spin gcc`,
    );
  }
}

function search(folder: string, { macros }: Variant): Finding {
  const options = { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const startedAt = performance.now();
  execFileSync("spin", ["-a", ...macros.map((macro) => `-D${macro}`), MODEL], options);
  execFileSync("gcc", ["-O2", "-w", "-DMEMLIM=16000", "-o", "pan", "pan.c"], options);
  const { stdout } = spawnSync(join(folder, "pan"), ["-m500000", "-w26"], options);
  const numberIn = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? Number.NaN);
  const isComplete = !/Search not completed|max search depth too small|out of memory/.test(stdout);
  const errors = numberIn(/errors: (\d+)/);
  return {
    found: errors > 0 ? "violation" : errors === 0 && isComplete ? "holds" : "unfinished",
    states: numberIn(/([\d.e+]+) states, stored/),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function row(title: string, expected: string, found: string, states: string, seconds: string) {
  return [
    title.padEnd(46),
    expected.padEnd(11),
    found.padEnd(11),
    states.padStart(10),
    seconds.padStart(8),
  ].join(" ");
}

await runCommand(main);
