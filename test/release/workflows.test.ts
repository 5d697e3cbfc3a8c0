import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "@jest/globals";
import { workflowProblems } from "../../release/workflow-rules.ts";

const CHECK = fileURLToPath(new URL("../../release/check-workflows.ts", import.meta.url));
const SCRIPTS = { test: "NODE_OPTIONS=--flag jest", "test:unit": "jest test/http" };

const WORKFLOW = `name: Example
on: [push]
permissions:
  contents: read
concurrency:
  group: example
jobs:
  linux:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v7.0.1
      - run: npm test
  windows:
    needs: linux
    runs-on: windows-latest
    timeout-minutes: 5
    steps:
      - run: npm ci
      - run: npm run test:unit
`;

const folder = mkdtempSync(join(tmpdir(), "lambda-idempotency-workflows-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withChange(right: string, wrong: string): string {
  expect(WORKFLOW).toContain(right);
  return WORKFLOW.replace(right, wrong);
}

test("the check passes a workflow without an error", () => {
  const file = join(folder, "right.yml");
  writeFileSync(file, WORKFLOW);
  const { status, stderr } = spawnSync(process.execPath, [CHECK, file], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("the check fails on what GitHub would refuse, and names file, line and column", () => {
  const wrong = [
    ["needs: linux", "need: linux", '15:5: unexpected key "need"'],
    ["needs: linux", "needs: lynux", '14:3: job "windows" needs job "lynux"'],
    ["npm ci", `echo ${"$"}{{ github. }}`, "19:31: unexpected end of input"],
    ["- run: npm ci", "- name: npm ci", "19:9: step must run script"],
  ] as const;
  const files = wrong.map(([right, replacement], index) => {
    const file = join(folder, `wrong-${index}.yml`);
    writeFileSync(file, withChange(right, replacement));
    return file;
  });
  const { status, stderr } = spawnSync(process.execPath, [CHECK, ...files], { encoding: "utf8" });
  const lines = stderr.trim().split("\n");
  expect(lines).toEqual(
    wrong.map(([, , problem], index) => expect.stringContaining(`${files[index]}:${problem}`)),
  );
  expect(status).toBe(1);
});

test("a workflow that keeps the rules of this repository has no problem", () => {
  expect(workflowProblems(WORKFLOW, SCRIPTS)).toEqual([]);
});

test.each([
  [
    "an action that is pinned to a tag",
    "@0123456789012345678901234567890123456789 # v7.0.1",
    "@v7",
    /"actions\/checkout@v7" is not pinned/,
  ],
  ["a commit without its version", " # v7.0.1", "", /is not pinned/],
  ["more permissions than to read", "contents: read\n", "contents: write\n", /more than they need/],
  [
    "a second permission for all jobs",
    "contents: read\n",
    "contents: read\n  id-token: write\n",
    /more than they need/,
  ],
  ["no group of concurrent runs", "concurrency:\n  group: example\n", "", /pile up/],
  ["a secret", "npm ci", `npm ci ${"$"}{{ secrets.NPM_TOKEN }}`, /A secret is read/],
  [
    "a job without a time limit",
    "windows-latest\n    timeout-minutes: 5",
    "windows-latest",
    /Job "windows" has no timeout-minutes/,
  ],
  ["a script that does not exist", "test:unit", "test:units", /"test:units", which is no npm scr/],
  ["a script that Windows cannot run", "npm run test:unit", "npm test", /"test" on Windows/],
])("%s is a problem", (_, right, wrong, problem) => {
  const problems = workflowProblems(withChange(right, wrong), SCRIPTS);
  expect(problems).toEqual([expect.stringMatching(problem)]);
});
