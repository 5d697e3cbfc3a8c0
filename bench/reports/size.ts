import type { HandlerName } from "../bundle/handlers.ts";
import { formatTable, groupDigits } from "../print/table.ts";
import type { Report } from "./report.ts";

/** The bundle of the goal, whose modules are shown. */
export const WHOLE: HandlerName = "ours: Middy, DynamoDB";
const MODULES_SHOWN = 15;

/** All results of `npm run size`. */
export interface SizeResults {
  readonly machine: string;
  readonly bundles: readonly {
    readonly handler: string;
    readonly sdkOut: Size;
    readonly sdkIn: Size;
  }[];
  /** The minified bytes of each module of the whole bundle, the largest first. */
  readonly modules: Readonly<Record<string, number>>;
}

interface Size {
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
}

export function reportSize({ machine, bundles, modules }: SizeResults): Report {
  return {
    machine,
    notes: ["Bytes of a handler."],
    tables: [
      { name: "handlers", table: handlerTable(bundles) },
      { name: "modules", table: moduleTable(modules) },
    ],
  };
}

function handlerTable(bundles: SizeResults["bundles"]): string {
  return formatTable(bundles, [
    { head: "handler", align: "left", cell: ({ handler }) => handler },
    { head: "minified", cell: ({ sdkOut }) => groupDigits(sdkOut.minifiedBytes) },
    { head: "gzipped", cell: ({ sdkOut }) => groupDigits(sdkOut.gzippedBytes) },
    { head: "minified with SDK", cell: ({ sdkIn }) => groupDigits(sdkIn.minifiedBytes) },
    { head: "gzipped with SDK", cell: ({ sdkIn }) => groupDigits(sdkIn.gzippedBytes) },
  ]);
}

function moduleTable(modules: SizeResults["modules"]): string {
  return formatTable(Object.entries(modules).slice(0, MODULES_SHOWN), [
    {
      head: `module of "${WHOLE}"`,
      align: "left",
      cell: ([path]) => path.replace(/^.*node_modules\//, ""),
    },
    { head: "minified", cell: ([, bytes]) => groupDigits(bytes) },
  ]);
}
