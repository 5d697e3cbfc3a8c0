import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { fillPage, listLooseTables, listStale } from "../reports/page.ts";
import { readBlocks } from "../reports/results.ts";
import { readOptions } from "./command-line.ts";

const USAGE = `npm run performance: writes the committed results, docs/performance/*.json, into the tables of
docs/performance.md. Each stands between <!-- table: NAME --> and <!-- end -->.
  --check  changes nothing, and ends with 1 if a table and its results disagree`;

const PAGE = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));

const { check } = readOptions({ check: { type: "boolean" } }, USAGE);
const page = await readFile(PAGE, "utf8");
const blocks = await readBlocks();
const stale = listStale(page, blocks);
const loose = listLooseTables(page);

if (!check) await writeFile(PAGE, fillPage(page, blocks));
for (const name of stale) {
  if (check) {
    const [file] = name.split(" ");
    console.error(
      `docs/performance.md: the table "${name}" is not that of docs/performance/${file}.json. Run: npm run performance`,
    );
  } else console.log(`docs/performance.md: wrote "${name}".`);
}
for (const head of loose) {
  console.error(
    `docs/performance.md: this table has no <!-- table: NAME --> above it, and no results: ${head}`,
  );
}
process.exitCode = loose.length > 0 || (check && stale.length > 0) ? 1 : 0;
