import { randomInt } from "node:crypto";
import { onShutdown } from "../../local/process/shutdown.ts";
import { runCommand } from "../kit/command-line.ts";
import { PLANTED_FAULTS } from "../kit/planted-faults.ts";
import { runChaos } from "./chaos.ts";
import { type ChaosCommand, readChaosCommand } from "./command-line.ts";
import { chancesWithout, INVISIBLE, searchForViolation, VISIBLE_FAULTS } from "./planted.ts";
import { type ChaosStage, openChaosStage } from "./stage.ts";
import { tellStory } from "./story.ts";

/** The search for a planted fault fails after this time. */
const SEARCH_LIMIT_SECONDS = 120;

/** @returns whether every promise was kept; with planted faults, whether each fault was found. */
async function main(): Promise<boolean> {
  const command = readChaosCommand(process.argv.slice(2), () => randomInt(2 ** 31));
  const stage = await openChaosStage(command.engine);
  onShutdown(stage.close);
  try {
    console.error(`Engine: ${stage.engine}. Seed: ${command.seed}.`);
    return command.planted ? await sweep(stage, command) : await run(stage, command);
  } finally {
    await stage.close();
  }
}

async function run(
  stage: ChaosStage,
  { seed, seconds, json, without }: ChaosCommand,
): Promise<boolean> {
  stage.plant(without);
  const chances = without && chancesWithout(without);
  const options = { seed, seconds, chances, report: console.error };
  const { violations, diary, ...counts } = await runChaos(stage, options);
  for (const violation of violations) console.error(tellStory(violation, diary));
  const { keys, requests, kills, stops, faults } = counts;
  const summary = { seed, engine: stage.engine, seconds, keys, requests, kills, stops, faults };
  console.log(
    json
      ? JSON.stringify({ ...summary, violations: violations.length })
      : [...Object.entries(summary), ["violations", violations.length]]
          .map(([name, value]) => `${name}: ${value}`)
          .join(", "),
  );
  return violations.length === 0;
}

async function sweep(stage: ChaosStage, { seed }: ChaosCommand): Promise<boolean> {
  let isAllFound = true;
  console.log(`${"without".padEnd(32)} ${"found".padEnd(6)} seconds`);
  for (const fault of PLANTED_FAULTS) {
    if (!VISIBLE_FAULTS.includes(fault)) {
      console.log(`${fault.padEnd(32)} cannot show: ${INVISIBLE[fault]}`);
      continue;
    }
    const limitSeconds = SEARCH_LIMIT_SECONDS;
    const { found, seconds } = await searchForViolation(stage, fault, { seed, limitSeconds });
    isAllFound &&= found !== undefined;
    const isFound = found === undefined ? "no" : "yes";
    const how = found === undefined ? "" : `  ${found.rule}`;
    console.log(`${fault.padEnd(32)} ${isFound.padEnd(6)} ${seconds.toFixed(1).padStart(7)}${how}`);
  }
  return isAllFound;
}

await runCommand(main);
