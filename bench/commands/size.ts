import { type Bundle, bundle } from "../bundle/bundle.ts";
import { HANDLER_NAMES, type HandlerName } from "../bundle/handlers.ts";
import { listOverBudget } from "../bundle/size-budgets.ts";
import { machineLine } from "../print/machine.ts";
import { progress, progressDone } from "../print/progress.ts";
import { formatTable, groupDigits } from "../print/table.ts";
import { readOptions } from "./command-line.ts";

const USAGE = `npm run size: the size of each handler's bundle. Ends with 1 if a bundle is over its budget.
  --json  print one object, with bundleBytes`;

/** The bundle of the goal, whose modules are shown. */
const WHOLE: HandlerName = "ours: Middy, DynamoDB";
const MODULES_SHOWN = 15;

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

console.log(json ? JSON.stringify(asObject(), null, 2) : asText());
for (const line of over) console.error(`Over budget: ${line}.`);
process.exitCode = over.length > 0 ? 1 : 0;

function asObject() {
  return {
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
}

function asText(): string {
  const sizes = formatTable(bundles, [
    { head: "handler", align: "left", cell: ({ out }) => out.handler },
    { head: "minified", cell: ({ out }) => groupDigits(out.minifiedBytes) },
    { head: "gzipped", cell: ({ out }) => groupDigits(out.gzippedBytes) },
    { head: "minified with SDK", cell: (row) => groupDigits(row.in.minifiedBytes) },
    { head: "gzipped with SDK", cell: (row) => groupDigits(row.in.gzippedBytes) },
  ]);
  const biggest = formatTable(modules.slice(0, MODULES_SHOWN), [
    {
      head: `module of "${WHOLE}"`,
      align: "left",
      cell: ([path]) => path.replace(/^.*node_modules\//, ""),
    },
    { head: "minified", cell: ([, bytes]) => groupDigits(bytes) },
  ]);
  return `${machineLine()}\n\nBytes of a handler.\n\n${sizes}\n\n${biggest}`;
}
