/** `node release/check-tag.ts v0.1.0`: fails when package.json or CHANGELOG.md do not fit the tag. */
import { readFileSync } from "node:fs";
import { tagProblems } from "./tag.ts";

function read(file: string): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
}

const [tag] = process.argv.slice(2);
if (tag === undefined) {
  console.error("Name the tag, for example: node release/check-tag.ts v0.1.0");
  process.exit(2);
}
const problems = tagProblems({
  tag,
  manifest: JSON.parse(read("package.json")),
  changelog: read("CHANGELOG.md"),
  repository: process.env.GITHUB_REPOSITORY || undefined,
});
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${tag} may be published.`);
process.exitCode = problems.length === 0 ? 0 : 1;
