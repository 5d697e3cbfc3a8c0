import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { HANDLERS, type HandlerName } from "./handlers.ts";

/** Whether the bundle contains the AWS SDK, or uses the SDK of the Lambda runtime. */
export type Sdk = "in" | "out";

/** A handler with all its imports, as one file. */
export interface Bundle {
  readonly handler: HandlerName;
  readonly sdk: Sdk;
  readonly code: Uint8Array;
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
  /** The bytes of each source file in the bundle. */
  readonly modules: Readonly<Record<string, number>>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The modules that CDK's `NodejsFunction` leaves to the runtime unless `bundleAwsSDK` is set. */
const RUNTIME_MODULES = ["@aws-sdk/*", "@smithy/*"];

/**
 * Bundles a handler with the options of CDK's `NodejsFunction` in the sample stack.
 *
 * @param alias the replacements of modules.
 */
export async function bundle(
  handler: HandlerName,
  sdk: Sdk,
  alias: Readonly<Record<string, string>> = {},
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: HANDLERS[handler], resolveDir: ROOT, sourcefile: "handler.js" },
    absWorkingDir: ROOT,
    outfile: "handler.mjs",
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    external: sdk === "out" ? RUNTIME_MODULES : [],
    alias,
    logLevel: "error",
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  return {
    handler,
    sdk,
    code,
    minifiedBytes: code.byteLength,
    gzippedBytes: gzipSync(code, { level: 9 }).byteLength,
    modules: Object.fromEntries(
      Object.entries(inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput]),
    ),
  };
}
