import { randomInt } from "node:crypto";
import { onShutdown } from "../../local/process/shutdown.ts";
import { runCommand } from "../kit/command-line.ts";
import { PLANTED_FAULTS } from "../kit/planted-faults.ts";
import { type ChaosCommand, readChaosCommand } from "./command-line.ts";
import { openHttpScenario } from "./http-scenario.ts";
import { openQueueScenario } from "./queue/scenario.ts";
import type { ChaosScenario, Violation } from "./scenario.ts";
import { searchForViolation } from "./search.ts";

/** The search for a planted fault fails after this time. */
const SEARCH_LIMIT_SECONDS = 120;

/** @returns whether every promise was kept; with planted faults, whether each fault was found. */
async function main(): Promise<boolean> {
  const command = readChaosCommand(process.argv.slice(2), () => randomInt(2 ** 31));
  const scenario = await open(command);
  onShutdown(scenario.close);
  try {
    console.error(`Engine: ${scenario.engine}. Seed: ${command.seed}.`);
    return command.planted ? await sweep(scenario, command) : await run(scenario, command);
  } finally {
    await scenario.close();
  }
}

function open({ scenario, arm, clocks, engine }: ChaosCommand): Promise<ChaosScenario> {
  if (scenario === "http") return openHttpScenario(engine);
  return openQueueScenario(arm, { engine, clocksAgree: clocks === "agree" });
}

async function run(
  { engine, run }: ChaosScenario,
  { seed, seconds, json, without }: ChaosCommand,
): Promise<boolean> {
  const options = { seed, seconds, without, report: console.error };
  const { counts, violations, stories } = await run(options);
  for (const story of stories) console.error(story);
  for (const [rule, times] of countByRule(violations)) console.error(`broken ${times}×: ${rule}`);
  const summary = { seed, engine, seconds, ...counts, violations: violations.length };
  console.log(
    json
      ? JSON.stringify(summary)
      : Object.entries(summary)
          .map(([name, value]) => `${name}: ${value}`)
          .join(", "),
  );
  return violations.length === 0;
}

function countByRule(violations: readonly Violation[]): [rule: string, times: number][] {
  const byRule = Map.groupBy(violations, ({ rule }) => rule);
  return [...byRule].map(([rule, broken]) => [rule, broken.length]);
}

async function sweep(scenario: ChaosScenario, { seed }: ChaosCommand): Promise<boolean> {
  let isAllFound = true;
  console.log(`${"without".padEnd(32)} ${"found".padEnd(6)} seconds`);
  for (const fault of PLANTED_FAULTS) {
    const reason = scenario.invisible[fault];
    if (reason !== undefined) {
      console.log(`${fault.padEnd(32)} cannot show: ${reason}`);
      continue;
    }
    const limitSeconds = SEARCH_LIMIT_SECONDS;
    const { found, seconds } = await searchForViolation(scenario, fault, { seed, limitSeconds });
    isAllFound &&= found !== undefined;
    const isFound = found === undefined ? "no" : "yes";
    const how = found === undefined ? "" : `  ${found.rule}`;
    console.log(`${fault.padEnd(32)} ${isFound.padEnd(6)} ${seconds.toFixed(1).padStart(7)}${how}`);
  }
  return isAllFound;
}

await runCommand(main);
