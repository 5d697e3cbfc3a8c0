import { type Bundle, bundle } from "../bundle/bundle.ts";
import { HANDLER_NAMES } from "../bundle/handlers.ts";
import { listOverBudget } from "../bundle/size-budgets.ts";
import { machineLine } from "../print/machine.ts";
import { progress, progressDone } from "../print/progress.ts";
import { formatReport } from "../reports/report.ts";
import { reportSize, WHOLE } from "../reports/size.ts";
import { readOptions } from "./command-line.ts";

const USAGE = `npm run size: the size of each handler's bundle. Ends with 1 if a bundle is over its budget.
  --json  print one object, with bundleBytes`;

const { json } = readOptions({ json: { type: "boolean" } }, USAGE);

const bundles: { out: Bundle; in: Bundle }[] = [];
for (const handler of HANDLER_NAMES) {
  progress(`bundling ${handler}`);
  bundles.push({ out: await bundle(handler, "out"), in: await bundle(handler, "in") });
}
progressDone();

const whole = bundles.find(({ out }) => out.handler === WHOLE)?.out;
const modules = Object.entries(whole?.modules ?? {}).sort(([, one], [, other]) => other - one);
const over = listOverBudget(bundles.map(({ out }) => out));

const results = {
  machine: machineLine(),
  bundleBytes: whole?.minifiedBytes,
  bundles: bundles.map(({ out, in: withSdk }) => ({
    handler: out.handler,
    sdkOut: { minifiedBytes: out.minifiedBytes, gzippedBytes: out.gzippedBytes },
    sdkIn: { minifiedBytes: withSdk.minifiedBytes, gzippedBytes: withSdk.gzippedBytes },
  })),
  modules: Object.fromEntries(modules),
  over,
};
console.log(json ? JSON.stringify(results, null, 2) : formatReport(reportSize(results)));
for (const line of over) console.error(`Over budget: ${line}.`);
process.exitCode = over.length > 0 ? 1 : 0;
