import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { apiEntry, namespaceName } from "../../release/api-entry.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

test("the report's module has one namespace for each entry point with types", () => {
  const entry = apiEntry(
    {
      ".": { import: { types: "./dist/esm/index.d.ts" } },
      "./cdk": { import: { types: "./dist/esm/cdk/index.d.ts" } },
      "./package.json": "./package.json",
    },
    "../..",
  );
  expect(entry).toBe(
    'export * as root from "../../dist/esm/index.js";\n' +
      'export * as cdk from "../../dist/esm/cdk/index.js";\n',
  );
});

test("the committed report has every entry point of the package", () => {
  const report = readFileSync(join(ROOT, "docs/api/lambda-idempotency.api.md"), "utf8");
  const reported = [...report.matchAll(/^declare namespace (\w+) \{$/gm)].map(([, name]) => name);
  const expected = Object.keys(exports).filter((path) => path !== "./package.json");
  expect(reported.sort()).toEqual(expected.map(namespaceName).sort());
});
