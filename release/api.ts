/**
 * `npm run api` writes the report of the public types; `npm run check:api` fails when it differs from the
 * build, and shows the lines. Both read `dist/`.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { apiEntry } from "./api-entry.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const REPORT = "docs/api/lambda-idempotency.api.md";
const WORK = ".local/api";

/** Reports the built types into the working folder, and returns the path. */
function buildReport(): string {
  const folder = join(ROOT, WORK);
  const entry = join(folder, "entry.d.ts");
  mkdirSync(folder, { recursive: true });
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  writeFileSync(entry, apiEntry(exports, "../.."));
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: entry,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          extends: join(ROOT, "tsconfig.json"),
          compilerOptions: { paths: {} },
          include: [],
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        // Types that are reached from an export are part of the surface.
        includeForgottenExports: true,
        reportFileName: "lambda-idempotency",
        reportFolder: folder,
        reportTempFolder: join(folder, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, "package.json"),
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Error)
        console.error(message.formatMessageWithLocation(ROOT));
      message.handled = true;
    },
  });
  if (!succeeded) throw new Error("The types in dist/ cannot be read; the lines above say why.");
  return join(WORK, "lambda-idempotency.api.md");
}

function main(isUpdate: boolean): number {
  const built = buildReport();
  if (isUpdate) {
    mkdirSync(join(ROOT, dirname(REPORT)), { recursive: true });
    copyFileSync(join(ROOT, built), join(ROOT, REPORT));
    console.log(`${REPORT} is up to date.`);
    return 0;
  }
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["diff", "--no-index", "--no-color", "--", REPORT, built],
    { cwd: ROOT, encoding: "utf8" },
  );
  if (status === 0) {
    console.log("The public types are as reported.");
    return 0;
  }
  console.error(stdout || stderr);
  console.error(
    `The public types differ from ${REPORT}. If the change is meant, run \`npm run api\`, commit ` +
      "the report, and tell users in CHANGELOG.md.",
  );
  return 1;
}

process.exitCode = main(process.argv.includes("--update"));
