import {
  costsWithSeparateItem,
  crossingShare,
  dollarsPerMillion,
  unitsAt,
} from "../cost/expected.ts";
import { type Measured, measureUnits } from "../cost/measure.ts";
import { PRICES } from "../cost/prices.ts";
import { CLAIM_FIRST, POWERTOOLS, READ_ALWAYS } from "../cost/strategies.ts";
import { machineLine } from "../print/machine.ts";
import { type CostResults, type Crossing, reportCost } from "../reports/cost.ts";
import { formatReport } from "../reports/report.ts";
import { readOptions } from "./command-line.ts";

const USAGE = `npm run cost: units and dollars of DynamoDB for a million requests.
  --json  print one object`;

const SHARES = [0, 0.01, 0.1, 0.5];
const BESIDE = "computed: answer in an item of its own";

const { json } = readOptions({ json: { type: "boolean" } }, USAGE);
const measured = (await measureUnits()).flatMap(addSeparateItem);
const results: CostResults = {
  machine: machineLine(),
  prices: PRICES,
  requests: measured.map((one) => ({
    ...one,
    perMillion: SHARES.map((duplicates) => ({
      duplicates,
      ...unitsAt(one, duplicates),
      dollars: dollarsPerMillion(unitsAt(one, duplicates)),
    })),
  })),
  crossings: findCrossings(measured),
};
console.log(json ? JSON.stringify(results, null, 2) : formatReport(reportCost(results)));

/** Adds a computed strategy behind its basis. It is not built, because it never costs less than `readFirst`. */
function addSeparateItem(one: Measured): Measured[] {
  const isLarge = one.duplicate.writeUnits > 1;
  if (one.strategy !== CLAIM_FIRST.name || !isLarge) return [one];
  return [one, { ...one, ...costsWithSeparateItem(one), strategy: BESIDE }];
}

/** The share of duplicates above which it pays to look up every request, for each kind of response. */
function findCrossings(all: readonly Measured[]): Crossing[] {
  const find = (like: Measured, strategy: string) =>
    all.find(
      (one) =>
        one.strategy === strategy &&
        one.contents === like.contents &&
        one.answerBytes === like.answerBytes,
    );
  return all
    .filter(({ strategy }) => strategy === READ_ALWAYS.name)
    .map((readAlways) => {
      const overOurs = find(readAlways, CLAIM_FIRST.name);
      const overTheirs = find(readAlways, POWERTOOLS.name);
      const beside = find(readAlways, BESIDE);
      return {
        contents: readAlways.contents,
        answerBytes: readAlways.answerBytes,
        overClaimFirst: overOurs && crossingShare(overOurs, readAlways),
        overPowertools: overTheirs && crossingShare(overTheirs, readAlways),
        besideOverClaimFirst: overOurs && beside && crossingShare(overOurs, beside),
        besideOverReadAlways: beside && crossingShare(readAlways, beside),
      };
    });
}
