/**
 * `node release/bundle-completer.ts FOLDER`: bundles the function of `IdempotencyCompleter`, with the AWS
 * SDK of the lock file, into `index.mjs` in the folder. `npm run build` runs it for the package; in the
 * repository the construct runs it.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, type Metafile } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Name the folder of the bundle.");
const { metafile } = buildSync({
  absWorkingDir: ROOT,
  entryPoints: ["lib/completer/handler.ts"],
  outfile: join(folder, "index.mjs"),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  minify: true,
  legalComments: "inline",
  metafile: true,
  logLevel: "warning",
});
writeFileSync(join(folder, "LICENSES.txt"), describeLicenses(bundledPackages(metafile)));

/** The folders of the packages that have code in a bundle. */
function bundledPackages({ outputs }: Metafile): readonly string[] {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? file : [])),
  );
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders)].filter((one) => one !== undefined).sort();
}

/** The texts of each license once, under the packages that have it. Some packages only name theirs. */
function describeLicenses(packages: readonly string[]): string {
  const all = packages.map((path) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(ROOT, path, "package.json"), "utf8"),
    );
    return { name: `${name} ${version}`, license: String(license), text: readLicense(path) };
  });
  const groups = Map.groupBy(all, ({ license }) => license);
  return [...groups]
    .map(([license, members]) => {
      const texts = new Set(members.flatMap(({ text }) => text ?? []));
      if (texts.size === 0)
        throw new Error(`No text of ${license}, the license of ${members[0]?.name}.`);
      const names = members.map(({ name }) => name).join(", ");
      return `index.mjs contains code under ${license} of ${names}:\n\n${[...texts].join("\n\n")}\n`;
    })
    .join("\n\n");
}

function readLicense(path: string): string | undefined {
  const file = readdirSync(join(ROOT, path)).find((name) => /^licen[cs]e/i.test(name));
  return file && readFileSync(join(ROOT, path, file), "utf8").trim();
}
