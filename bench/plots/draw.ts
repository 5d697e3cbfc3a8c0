import { parse, Error as Quiet, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** Middle tones without a background, so that a plot is readable on white and on black. */
const TEXT = "#7d8590";
const GRID = "#7d859040";

/** The colour of each line and bar, the same in all plots. */
export const COLOURS = {
  bare: "#8b949e",
  powertools: "#db6d28",
  ours: "#2f81f7",
  oursBetter: "#3fb950",
} as const;

/** A scale that gives each name its colour. */
export function colourScale(colours: Readonly<Record<string, string>>) {
  return { domain: Object.keys(colours), range: Object.values(colours) };
}

/** Draws a Vega-Lite specification as SVG. */
export async function draw(specification: TopLevelSpec): Promise<string> {
  const themed: TopLevelSpec = {
    ...specification,
    background: "transparent",
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: "transparent" },
      title: { color: TEXT, anchor: "start", fontWeight: "normal", offset: 12 },
      axis: {
        labelColor: TEXT,
        titleColor: TEXT,
        gridColor: GRID,
        domainColor: GRID,
        tickColor: GRID,
        titleFontWeight: "normal",
        labelLimit: 300,
      },
      legend: {
        labelColor: TEXT,
        titleColor: TEXT,
        title: null,
        orient: "bottom",
        labelLimit: 300,
      },
      header: { labelColor: TEXT, titleColor: TEXT },
      text: { color: TEXT },
    },
  };
  const view = new View(parse(compile(themed).spec), { renderer: "none", logLevel: Quiet });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
