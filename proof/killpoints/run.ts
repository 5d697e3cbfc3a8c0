import { runCommand } from "../kit/command-line.ts";
import { readCommandLine } from "./command-line.ts";
import { asUninterrupted } from "./rules.ts";
import { SCENARIOS } from "./scenarios.ts";
import { type Sweep, type SweepOptions, sweep } from "./sweep.ts";

/** The number of kills of each scenario in a quick sweep. */
const QUICK_SAMPLE = 2;

/** `npm run killpoints`: kills functions at every await, and checks the state after the retries. */
async function main(): Promise<boolean> {
  const { isQuick, scenario, seed, engine, without } = readCommandLine(process.argv.slice(2));
  const scenarios = SCENARIOS.filter(({ title }) => title.includes(scenario));
  if (scenarios.length === 0)
    throw new Error(
      `No scenario has "${scenario}" in its title. The titles are in proof/killpoints/scenarios/.`,
    );
  const options: SweepOptions = {
    scenarios,
    seed,
    report: console.error,
    ...(engine && { engine }),
    ...(isQuick && { sample: QUICK_SAMPLE }),
  };
  console.log(`Seed: ${seed}.`);
  if (without.length === 0) {
    const swept = await sweep(options);
    // A selection of scenarios cannot reach every await.
    const neverReached = scenarios.length === SCENARIOS.length ? swept.neverReached : [];
    print({ ...swept, neverReached });
    return swept.violations.length === 0 && neverReached.length === 0;
  }
  console.log(`${"without".padEnd(33)}${"found".padEnd(7)}${"kills".padStart(6)}`);
  let isEachFound = true;
  for (const fault of without) {
    const { violations, scenarios: counts } = await sweep({ ...options, without: fault });
    const kills = counts.reduce((total, one) => total + one.kills, 0);
    const [found] = violations;
    isEachFound &&= found !== undefined;
    console.log(
      `${fault.padEnd(33)}${(found ? "yes" : "no").padEnd(7)}${String(kills).padStart(6)}`,
    );
    if (found) console.log(`  ${found.scenario}; dies ${found.death}:\n  ${found.breach}`);
  }
  return isEachFound;
}

function print({ engine, scenarios, violations, awaits, reached, neverReached }: Sweep): void {
  console.log(`Engine: ${engine}.`);
  console.log(`${"scenario".padEnd(62)}${"points".padStart(7)}${"kills".padStart(7)}`);
  for (const { scenario, points, kills } of scenarios) {
    console.log(
      `${scenario.title.padEnd(62)}${String(points).padStart(7)}${String(kills).padStart(7)}`,
    );
    const { promise } = scenario.rule ?? asUninterrupted;
    if (promise !== asUninterrupted.promise) console.log(`    promised: ${promise}`);
  }
  const kills = scenarios.reduce((total, one) => total + one.kills, 0);
  console.log(`${kills} kills, ${violations.length} violations; ${reached} of ${awaits} awaits.`);
  for (const { id, line } of neverReached) console.log(`  never reached: ${id} ${line}`);
  for (const { scenario, death, breach } of violations) {
    console.log(`  ${scenario}; dies ${death}:\n    ${breach}`);
  }
}

if (import.meta.main) await runCommand(main);
