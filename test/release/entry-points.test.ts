import { expect, test } from "@jest/globals";
import manifest from "../../package.json" with { type: "json" };
import { type EntryPoint, entryPoints } from "../../release/entry-points.ts";
import tsconfig from "../../tsconfig.json" with { type: "json" };

/* A new entry point stands in `exports` of package.json. These tests name the other places that need it. */

const entries = entryPoints();

function each<Value>(value: (entry: EntryPoint) => Value, key: keyof EntryPoint = "path") {
  return Object.fromEntries(entries.map((entry) => [entry[key], value(entry)]));
}

test("every entry point has both formats, each with its types", () => {
  const format = (folder: string, file: string) => ({
    types: `./dist/${folder}/${file}.d.ts`,
    default: `./dist/${folder}/${file}.js`,
  });
  // Middy has ES modules alone: `require` of this entry says so.
  const commonJs = (file: string) => (file === "middy" ? "middy-commonjs" : file);
  expect(manifest.exports).toEqual({
    ...each(({ file }) => ({
      import: format("esm", file),
      require: format("cjs", commonJs(file)),
    })),
    "./package.json": "./package.json",
  });
});

test("TypeScript without exports (module commonjs before TypeScript 6) finds the types of each", () => {
  const types = (file: string) => `./dist/cjs/${file}.d.ts`;
  expect(manifest.types).toBe(types("index"));
  const paths = entries
    .filter(({ path }) => path !== ".")
    .map(({ path, file }) => [path.replace("./", ""), [types(file)]]);
  expect(manifest.typesVersions).toEqual({ "*": Object.fromEntries(paths) });
});

test("the compiler finds the sources of each in this repository, for examples", () => {
  const sources = each(({ file }) => [`./lib/${file}.ts`], "name");
  expect(tsconfig.compilerOptions.paths).toEqual(sources);
});
