import { BUSINESS_WRITES, measurePaths } from "../wire/wire-paths.ts";
import { readOptions } from "./command-line.ts";

const USAGE = `npm run wire: the cost of each path on the wire.
  --json  print one array`;

const { json } = readOptions({ json: { type: "boolean" } }, USAGE);
const costs = await measurePaths();
if (json) {
  console.log(JSON.stringify(costs, null, 2));
} else {
  console.log(`A handler that commits ${BUSINESS_WRITES} items, all below 1 KB.\n`);
  console.log("claimAt path       round trips  write units  read units");
  for (const { claimAt, path, roundTrips, writeUnits, readUnits } of costs) {
    console.log(
      claimAt.padEnd(8) +
        path.padEnd(11) +
        String(roundTrips).padStart(11) +
        String(writeUnits).padStart(13) +
        String(readUnits).padStart(12),
    );
  }
}
