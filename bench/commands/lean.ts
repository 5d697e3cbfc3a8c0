import { type ColdStarts, measureColdStarts } from "../lean/cold-starts.ts";
import { machineLine } from "../print/machine.ts";
import { formatTable, groupDigits } from "../print/table.ts";
import { quantile } from "../statistics/quantile.ts";
import { readRounds } from "./command-line.ts";

const USAGE = `npm run lean: the cold start of a handler with the AWS SDK, and with small clients in its place.
  --processes N  for each client (default 25)
  --seed N       decides the order (default 1)
  --json         print one object, with the ratios to the SDK`;

const { processes, seed, json } = readRounds(USAGE);
const all = await measureColdStarts(processes, seed);
const sdk = computeFigures(all[0]);
const rows = all.map((arm) => {
  const figures = computeFigures(arm);
  const { client, minifiedBytes } = arm;
  return { client, minifiedBytes, ...figures, vsSdk: figures.importMs / sdk.importMs };
});

console.log(json ? JSON.stringify({ processes, seed, rows }, null, 2) : asText());

/** Fast quarters, because other work on the machine slows starts down. */
function computeFigures({ importMs, firstRequestMs }: Partial<ColdStarts> = {}) {
  const [imported, requested] = [importMs ?? [], firstRequestMs ?? []];
  return { importMs: quantile(imported, 0.25), firstRequestMs: quantile(requested, 0.25) };
}

function asText(): string {
  const table = formatTable(rows, [
    { head: "client", align: "left", cell: ({ client }) => client },
    { head: "bundle, bytes", cell: ({ minifiedBytes }) => groupDigits(minifiedBytes) },
    { head: "import, ms", cell: ({ importMs }) => importMs.toFixed(1) },
    { head: "against the SDK", cell: ({ vsSdk }) => vsSdk.toFixed(2) },
    { head: "first request, ms", cell: ({ firstRequestMs }) => firstRequestMs.toFixed(1) },
    {
      head: "both, against the SDK",
      cell: (row) =>
        ((row.importMs + row.firstRequestMs) / (sdk.importMs + sdk.firstRequestMs)).toFixed(2),
    },
  ]);
  return [
    machineLine(),
    `The same handler, Middy and dynamoDbStore, bundled with each client, ${processes} processes each, seed ${seed}.`,
    "Milliseconds are the main thread's CPU time, the fast quarter of all processes.",
    table,
  ].join("\n\n");
}
