import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "../../local/process/command-line.ts";
import { runCommand } from "../kit/command-line.ts";
import {
  type Expectation,
  type Finding,
  judgeFinding,
  printHead,
  readFinding,
  requirePrograms,
} from "./finding.ts";

const MODEL = fileURLToPath(new URL("protocol.pml", import.meta.url));

const USAGE = `Options:
  --quick  without the long searches`;

const OPTIONS = { quick: { type: "boolean", default: false } } as const;

interface Variant extends Expectation {
  /** Macros of the model. */
  readonly macros: readonly string[];
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

/** `npm run model`, or `npm run model -- --quick` without the long searches. */
async function main(): Promise<boolean> {
  const { quick } = readOptions(process.argv.slice(2), OPTIONS, USAGE);
  requirePrograms();
  const folder = mkdtempSync(join(tmpdir(), "model-"));
  try {
    printHead();
    let isRight = true;
    for (const variant of VARIANTS.filter(({ isLong }) => !(isLong && quick))) {
      isRight = judgeFinding(variant, search(folder, variant)) && isRight;
    }
    return isRight;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function search(folder: string, { macros }: Variant): Finding {
  const options = { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const startedAt = performance.now();
  execFileSync("spin", ["-a", ...macros.map((macro) => `-D${macro}`), MODEL], options);
  execFileSync("gcc", ["-O2", "-w", "-DMEMLIM=16000", "-o", "pan", "pan.c"], options);
  const { stdout } = spawnSync(join(folder, "pan"), ["-m500000", "-w26"], options);
  return readFinding(stdout, (performance.now() - startedAt) / 1000);
}

await runCommand(main);
