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
import { formatTable } from "../print/table.ts";
import { readOptions } from "./command-line.ts";

const USAGE = `npm run cost: units and dollars of DynamoDB for a million requests.
  --json  print one object`;

const SHARES = [0, 0.01, 0.1, 0.5];
const BESIDE = "computed: answer in an item of its own";

const { json } = readOptions({ json: { type: "boolean" } }, USAGE);
const measured = (await measureUnits()).flatMap(addSeparateItem);
const crossings = findCrossings(measured);
console.log(json ? JSON.stringify(asObject(), null, 2) : asText());

/** Adds a computed strategy behind its basis. It is not built, because it never costs less than `readFirst`. */
function addSeparateItem(one: Measured): Measured[] {
  const isLarge = one.duplicate.writeUnits > 1;
  if (one.strategy !== CLAIM_FIRST.name || !isLarge) return [one];
  return [one, { ...one, ...costsWithSeparateItem(one), strategy: BESIDE }];
}

/** The share of duplicates above which it pays to look up every request, for each kind of response. */
function findCrossings(all: readonly Measured[]) {
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

function asObject() {
  return {
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
    crossings,
  };
}

function asText(): string {
  const kilobytes = (bytes: number) => `${bytes / 1024} KB`;
  const units = formatTable(measured, [
    {
      head: "answer",
      align: "left",
      cell: (row) => `${kilobytes(row.answerBytes)} ${row.contents}`,
    },
    { head: "strategy", align: "left", cell: ({ strategy }) => strategy },
    { head: "fresh: write", cell: ({ fresh }) => String(fresh.writeUnits) },
    { head: "read", cell: ({ fresh }) => String(fresh.readUnits) },
    { head: "duplicate: write", cell: ({ duplicate }) => String(duplicate.writeUnits) },
    { head: "read", cell: ({ duplicate }) => String(duplicate.readUnits) },
    ...SHARES.map((share) => ({
      head: `$ at ${share * 100} %`,
      cell: (row: Measured) => dollarsPerMillion(unitsAt(row, share)).toFixed(3),
    })),
  ]);
  const above = (share: number | undefined) =>
    share === undefined ? "never" : `${(share * 100).toFixed(1)} %`;
  const crossing = formatTable(crossings, [
    {
      head: "answer",
      align: "left",
      cell: (row) => `${kilobytes(row.answerBytes)} ${row.contents}`,
    },
    { head: "cheaper than readFirst never", cell: (row) => above(row.overClaimFirst) },
    { head: "cheaper than Powertools", cell: (row) => above(row.overPowertools) },
    {
      head: "an item of its own cheaper than readFirst never",
      cell: (row) => above(row.besideOverClaimFirst),
    },
    { head: "than readFirst always", cell: (row) => above(row.besideOverReadAlways) },
  ]);
  return [
    machineLine(),
    `Units of one request, by the sizes of the items, and dollars for a million, with so many duplicates among them. Prices: on-demand, ${PRICES.region}, as of ${PRICES.asOf}: $${PRICES.dollarsPerMillionWriteUnits} for a million write units, $${PRICES.dollarsPerMillionReadUnits} for a million read units.`,
    "Duplicates meet another process, and say in a header that they are retries; with the cache they meet the process that answered the first.",
    "JSON: a page of transfers, full of ids, numbers and times. Random: base64 of random bytes.",
    units,
    "Share of duplicates above which readFirst always costs less, and above which an answer in an item of its own would:",
    crossing,
  ].join("\n\n");
}
