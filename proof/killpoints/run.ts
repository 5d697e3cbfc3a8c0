import { startEngine } from "../../local/engine.ts";
import { bundleFunctions } from "./bundle.ts";
import { startLane } from "./lane.ts";
import { play } from "./play.ts";
import { SCENARIOS } from "./scenarios.ts";
import { killsOf, tryKill } from "./sweep.ts";

const t0 = performance.now();
const bundle = await bundleFunctions();
const engine = await startEngine();
const lanes = await Promise.all(["1", "2"].map((n) => startLane(n, engine.endpoint, bundle)));
console.error("up", performance.now() - t0);
const [first] = lanes;
if (!first) throw new Error();
const reached = new Set<string>();
for (const scenario of SCENARIOS.filter((s) => s.title.includes(process.argv[2] ?? ""))) {
  const control = await play(first, scenario);
  const { attempt } = control;
  if (attempt.kind !== "died")
    for (const p of attempt.passed) reached.add(p.split(" ")[1]?.replace(",", "") ?? "");
  const s = control.story;
  console.log(
    attempt.kind,
    attempt.requests,
    JSON.stringify([
      s.stranger,
      s.last,
      s.again,
      s.afterwards,
      s.ledger,
      s.records.map((r) => r.state),
      s.payments,
    ]),
  );
  const kills = process.argv[3] === "control" ? [] : killsOf(scenario, control);
  console.log(scenario.title, kills.length);
  const t = performance.now();
  const n = kills.length;
  await Promise.all(
    lanes.map(async (lane) => {
      for (;;) {
        const kill = kills.shift();
        if (!kill) return;
        const violation = await tryKill(lane, kill);
        if (violation) console.log(JSON.stringify(violation));
      }
    }),
  );
  console.log((performance.now() - t) / n, "ms per point");
}
for (const { id, line } of bundle.sites) if (!reached.has(id)) console.log("never", id, line);
for (const lane of lanes) await lane.close();
await engine.close();
bundle.remove();
