import type { LinkName, Row } from "../links/links.ts";
import type { NamedRatio } from "../print/ratios.ts";
import { formatTable } from "../print/table.ts";
import type { Refusals } from "../requests/refusals.ts";
import type { WireRow } from "../wire/wire-of-paths.ts";
import type { CaptionedTable, Report } from "./report.ts";

/** All results of `npm run bench`. */
export interface BenchResults {
  readonly machine: string;
  readonly engine: string;
  readonly seed: number;
  readonly quick: boolean;
  readonly ratios: readonly NamedRatio[];
  readonly rows: readonly Row[];
  readonly wire: readonly WireRow[];
  readonly refusals: readonly Refusals[];
}

/** The results, with each named ratio also at the path of its name (`freshCpu.vsPowertools`). */
export function withNamedRatios({ machine, ...results }: BenchResults): object {
  const named: Record<string, Record<string, number>> = {};
  for (const { name, value } of results.ratios) {
    const [subject = "", against = ""] = name.split(".");
    named[subject] = { ...named[subject], [against]: value };
  }
  return { machine, ...named, ...results };
}

const LINKS: readonly { readonly link: LinkName; readonly name: string; readonly title: string }[] =
  [
    {
      link: "loopback",
      name: "loopback",
      title: "The engine on loopback: milliseconds on the wall.",
    },
    {
      link: "5 ms",
      name: "far",
      title: "5 ms added to each round trip: milliseconds on the wall.",
    },
    {
      link: "stubbed",
      name: "stubbed",
      title:
        "The wire stubbed with the engine's recorded answers: milliseconds that the process computed.",
    },
  ];

const BASE = "Powertools: Middy";

export function reportBench(results: BenchResults): Report {
  const { machine, engine, seed, quick, ratios, rows, wire, refusals } = results;
  return {
    machine,
    notes: [
      `Engine: ${engine}. Seed ${seed}${quick ? ", --quick" : ""}. One process; the arms took turns.`,
    ],
    tables: [
      {
        name: "ratios",
        caption:
          "Ratios: of the fast quarters of all runs, and the lowest and highest of a single run.",
        table: ratioTable(ratios),
      },
      ...LINKS.map(
        ({ link, name, title }): CaptionedTable => ({
          name,
          caption: title,
          table: figureTable(rows.filter((row) => row.link === link)),
        }),
      ),
      {
        name: "wire",
        caption:
          "One request on the wire; units by the sizes of the items, as DynamoDB charges them.",
        table: wireTable(wire),
      },
      {
        name: "executions",
        caption:
          "Executions of one request whose repeats, or another payload, were refused in between. It may execute once.",
        table: refusalTable(refusals),
      },
    ],
  };
}

function ratioTable(ratios: readonly NamedRatio[]): string {
  return formatTable(ratios, [
    { head: "ratio", align: "left", cell: ({ name }) => name },
    { head: "of", align: "left", cell: ({ meaning }) => meaning },
    { head: "value", cell: ({ value }) => value.toFixed(2) },
    { head: "spread", cell: ({ lowest, highest }) => `${lowest.toFixed(2)}–${highest.toFixed(2)}` },
    { head: "at most", cell: ({ atMost }) => atMost.toFixed(2) },
    { head: "", align: "left", cell: ({ value, atMost }) => (value <= atMost ? "yes" : "NO") },
  ]);
}

function figureTable(rows: readonly Row[]): string {
  const against = (row: Row) => {
    const base = rows.find(({ path, arm }) => path === row.path && arm === BASE);
    return base === undefined ? "" : (row.fastMs / base.fastMs).toFixed(2);
  };
  return formatTable(rows, [
    { head: "path", align: "left", cell: ({ path }) => path },
    { head: "arm", align: "left", cell: ({ arm }) => arm },
    { head: "fast quarter", cell: ({ fastMs }) => fastMs.toFixed(3) },
    { head: "median", cell: ({ medianMs }) => medianMs.toFixed(3) },
    { head: "p99", cell: ({ p99Ms }) => p99Ms.toFixed(3) },
    { head: "of Powertools' Middy", cell: against },
  ]);
}

function wireTable(wire: readonly WireRow[]): string {
  return formatTable(wire, [
    { head: "path", align: "left", cell: ({ path }) => path },
    { head: "arm", align: "left", cell: ({ arm }) => arm },
    { head: "round trips", cell: ({ roundTrips }) => String(roundTrips) },
    { head: "write units", cell: ({ writeUnits }) => String(writeUnits) },
    { head: "read units", cell: ({ readUnits }) => String(readUnits) },
  ]);
}

function refusalTable(refusals: readonly Refusals[]): string {
  return formatTable(refusals, [
    { head: "arm", align: "left", cell: ({ arm }) => arm },
    {
      head: "sent twice more while in flight",
      cell: ({ repeatedInFlight }) => String(repeatedInFlight),
    },
    {
      head: "sent again after a mismatch",
      cell: ({ repeatedAfterMismatch }) => String(repeatedAfterMismatch),
    },
  ]);
}
