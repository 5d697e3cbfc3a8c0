import type { Measured } from "../cost/measure.ts";
import { formatTable } from "../print/table.ts";
import type { Report } from "./report.ts";

/** All results of `npm run cost`. */
export interface CostResults {
  readonly machine: string;
  readonly prices: {
    readonly asOf: string;
    readonly region: string;
    readonly dollarsPerMillionWriteUnits: number;
    readonly dollarsPerMillionReadUnits: number;
  };
  readonly requests: readonly PricedRequest[];
  readonly crossings: readonly Crossing[];
}

/** The units of a strategy, and its dollars for each of the same shares of duplicates. */
export interface PricedRequest extends Measured {
  readonly perMillion: readonly { readonly duplicates: number; readonly dollars: number }[];
}

/** Shares of duplicates above which the one strategy costs less than the other. `undefined`: never. */
export interface Crossing extends Pick<Measured, "contents" | "answerBytes"> {
  readonly overClaimFirst?: number | undefined;
  readonly overPowertools?: number | undefined;
  readonly besideOverClaimFirst?: number | undefined;
  readonly besideOverReadAlways?: number | undefined;
}

export function reportCost({ machine, prices, requests, crossings }: CostResults): Report {
  return {
    machine,
    notes: [
      `Units of one request, by the sizes of the items, and dollars for a million, with so many duplicates among them. Prices: on-demand, ${prices.region}, as of ${prices.asOf}: $${prices.dollarsPerMillionWriteUnits} for a million write units, $${prices.dollarsPerMillionReadUnits} for a million read units.`,
      "Duplicates meet another process, and say in a header that they are retries; with the cache they meet the process that answered the first.",
      "JSON: a page of transfers, full of ids, numbers and times. Random: base64 of random bytes.",
    ],
    tables: [
      { name: "requests", table: requestTable(requests) },
      {
        name: "crossings",
        caption:
          "Share of duplicates above which readFirst always costs less, and above which an answer in an item of its own would:",
        table: crossingTable(crossings),
      },
    ],
  };
}

function requestTable(requests: readonly PricedRequest[]): string {
  const shares = requests[0]?.perMillion ?? [];
  return formatTable(requests, [
    { head: "answer", align: "left", cell: nameAnswer },
    { head: "strategy", align: "left", cell: ({ strategy }) => strategy },
    { head: "fresh: write", cell: ({ fresh }) => String(fresh.writeUnits) },
    { head: "read", cell: ({ fresh }) => String(fresh.readUnits) },
    { head: "duplicate: write", cell: ({ duplicate }) => String(duplicate.writeUnits) },
    { head: "read", cell: ({ duplicate }) => String(duplicate.readUnits) },
    ...shares.map(({ duplicates }, index) => ({
      head: `$ at ${duplicates * 100} %`,
      cell: ({ perMillion }: PricedRequest) => perMillion[index]?.dollars.toFixed(3) ?? "",
    })),
  ]);
}

function crossingTable(crossings: readonly Crossing[]): string {
  const above = (share: number | undefined) =>
    share === undefined ? "never" : `${(share * 100).toFixed(1)} %`;
  return formatTable(crossings, [
    { head: "answer", align: "left", cell: nameAnswer },
    { head: "cheaper than readFirst never", cell: (row) => above(row.overClaimFirst) },
    { head: "cheaper than Powertools", cell: (row) => above(row.overPowertools) },
    {
      head: "an item of its own cheaper than readFirst never",
      cell: (row) => above(row.besideOverClaimFirst),
    },
    { head: "than readFirst always", cell: (row) => above(row.besideOverReadAlways) },
  ]);
}

function nameAnswer({ answerBytes, contents }: Pick<Measured, "contents" | "answerBytes">): string {
  return `${answerBytes / 1024} KB ${contents}`;
}
