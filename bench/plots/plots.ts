import type { TopLevelSpec } from "vega-lite";
import type { BenchResults } from "../reports/bench.ts";
import type { CostResults } from "../reports/cost.ts";
import type { GrowthResults } from "../reports/growth.ts";
import type { SizeResults } from "../reports/size.ts";
import { COLOURS, colourScale } from "./draw.ts";

const WIDTH = 420;

const LIBRARIES = { "Powertools: Middy": COLOURS.powertools, "ours: Middy": COLOURS.ours };
const LINES = { "bare SDK calls": COLOURS.bare, ...LIBRARIES };

/** The time of a fresh transfer if round trips decide. */
export function freshTransfer({ rows }: Pick<BenchResults, "rows">): TopLevelSpec {
  const colours = {
    "bare handler": COLOURS.bare,
    "Powertools: Middy": COLOURS.powertools,
    "ours: Middy": COLOURS.ours,
    "ours: Middy, at the commit": COLOURS.oursBetter,
  };
  const values = rows.filter(
    ({ link, path, arm }) => link === "5 ms" && path === "fresh transfer" && arm in colours,
  );
  return bars("A transfer with effects in DynamoDB, 5 ms added to each round trip", values, {
    value: { field: "fastMs", title: "milliseconds" },
    colours,
  });
}

/** The CPU time of a request beyond the bare calls. */
export function cpuOverBare({ rows }: Pick<BenchResults, "rows">): TopLevelSpec {
  const stubbed = rows.filter(({ link }) => link === "stubbed");
  const bare = new Map(
    stubbed.filter(({ arm }) => arm === "bare SDK calls").map(({ path, fastMs }) => [path, fastMs]),
  );
  const values = stubbed
    .filter(({ path, arm }) => arm in LIBRARIES && bare.has(path))
    .map(({ path, arm, fastMs }) => ({ path, arm, over: (fastMs - (bare.get(path) ?? 0)) * 1000 }));
  return {
    title: "CPU of a request over that of the bare SDK calls",
    data: { values },
    width: WIDTH,
    mark: "bar",
    encoding: {
      y: { field: "path", type: "nominal", title: null, sort: null },
      yOffset: { field: "arm" },
      x: { field: "over", type: "quantitative", title: "microseconds" },
      color: { field: "arm", type: "nominal", scale: colourScale(LIBRARIES) },
    },
  };
}

/** Dollars by share of duplicates, for responses of 10 KB. */
export function cost({ requests }: Pick<CostResults, "requests">): TopLevelSpec {
  const colours = {
    Powertools: COLOURS.powertools,
    "Powertools, cache": "#e3b341",
    "ours: readFirst never": COLOURS.ours,
    "ours: readFirst always": COLOURS.oursBetter,
    "ours: readFirst never, cache": "#a371f7",
  };
  const values = requests
    .filter(
      ({ strategy, contents, answerBytes }) =>
        strategy in colours && contents === "JSON" && answerBytes === 10 * 1024,
    )
    .flatMap(({ strategy, perMillion }) =>
      perMillion.map(({ duplicates, dollars }) => ({ strategy, duplicates, dollars })),
    );
  return {
    title: "DynamoDB's price for a million requests with answers of 10 KB of JSON",
    data: { values },
    width: WIDTH,
    height: 240,
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "duplicates",
        type: "quantitative",
        title: "share of duplicates",
        axis: { format: "%" },
      },
      y: { field: "dollars", type: "quantitative", title: "US dollars" },
      color: {
        field: "strategy",
        type: "nominal",
        scale: colourScale(colours),
        legend: { columns: 2 },
      },
    },
  };
}

/** The size of a handler without the SDK. */
export function size({ bundles }: Pick<SizeResults, "bundles">): TopLevelSpec {
  const colours = {
    "Middy and the bare SDK": COLOURS.bare,
    "Powertools: Middy": COLOURS.powertools,
    "ours: Middy, DynamoDB": COLOURS.ours,
    "ours: Middy, DynamoDB, six profiles": COLOURS.ours,
  };
  const values = bundles
    .filter(({ handler }) => handler in colours)
    .map(({ handler, sdkOut }) => ({ arm: handler, kilobytes: sdkOut.minifiedBytes / 1000 }));
  return bars("A bundled handler, minified, without the SDK", values, {
    value: { field: "kilobytes", title: "KB" },
    colours,
  });
}

/** Requests beside a growing number of records. */
export function records({ byRecords }: Pick<GrowthResults, "byRecords">): TopLevelSpec {
  return growing("Requests beside stored records", "stored records", byRecords);
}

/** Requests beside a growing number of others. */
export function concurrency({ byConcurrency }: Pick<GrowthResults, "byConcurrency">): TopLevelSpec {
  return growing("Requests beside others in one process", "invocations at once", byConcurrency);
}

function growing(title: string, xTitle: string, values: readonly object[]): TopLevelSpec {
  return {
    title,
    data: { values: [...values] },
    facet: { column: { field: "path", title: null } },
    spec: {
      width: WIDTH / 2,
      height: 200,
      mark: { type: "line", point: true },
      encoding: {
        x: { field: "at", type: "quantitative", scale: { type: "log" }, title: xTitle },
        y: { field: "fastMs", type: "quantitative", title: "milliseconds" },
        color: { field: "line", type: "nominal", scale: colourScale(LINES) },
      },
    },
  };
}

function bars(
  title: string,
  values: readonly object[],
  {
    value,
    colours,
  }: { value: { field: string; title: string }; colours: Readonly<Record<string, string>> },
): TopLevelSpec {
  return {
    title,
    data: { values: [...values] },
    width: WIDTH,
    encoding: {
      y: { field: "arm", type: "nominal", title: null, sort: Object.keys(colours) },
      x: { ...value, type: "quantitative" },
    },
    layer: [
      {
        mark: "bar",
        encoding: { color: { field: "arm", scale: colourScale(colours), legend: null } },
      },
      {
        mark: { type: "text", align: "left", dx: 4 },
        encoding: { text: { field: value.field, format: ".1f" } },
      },
    ],
  };
}
