import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readReport } from "../../proof/mutation/report.ts";
import { computeScore, hasSurvived, printScores, scoreFiles } from "../../proof/mutation/scores.ts";
import { nearestFirst } from "../../proof/mutation/test-order.ts";

const judged = (file: string, ...statuses: string[]) =>
  statuses.map((status) => ({ file, status }));

describe("the score of mutants", () => {
  test("counts mutants that made a test fail or time out, of all judged mutants", () => {
    const mutants = judged("a.ts", "Killed", "Timeout", "Survived", "NoCoverage", "Ignored");
    expect(computeScore("all", mutants)).toEqual({
      name: "all",
      mutants: 4,
      killed: 2,
      survived: 2,
      ignored: 1,
      score: 50,
    });
    expect(mutants.filter(hasSurvived)).toHaveLength(2);
  });

  test("is computed for each file, sorted by name", () => {
    const scores = scoreFiles([
      ...judged("b.ts", "Killed"),
      ...judged("a.ts", "Survived"),
      ...judged("b.ts", "Survived"),
    ]);
    expect(scores.map(({ name, score }) => [name, score])).toEqual([
      ["a.ts", 0],
      ["b.ts", 50],
    ]);
  });

  test("is printed rounded down, so that one survivor of thousands shows", () => {
    const score = {
      name: "all",
      mutants: 3_000,
      killed: 2_999,
      survived: 1,
      ignored: 2,
      score: 99.97,
    };
    expect(printScores([score])).toMatch(/^all +3000 +2999 +1 +2 +99\.9$/m);
  });
});

test("a mutant is described by the original code and its replacement, each in one line", () => {
  const path = join(mkdtempSync(join(tmpdir(), "mutation-")), "report.json");
  const location = { start: { line: 2, column: 10 }, end: { line: 4, column: 4 } };
  const source = "function pay() {\n  return {\n    once: true,\n  };\n}\n";
  const mutants = [
    { mutatorName: "ObjectLiteral", location, replacement: "{}", status: "Survived" },
  ];
  writeFileSync(path, JSON.stringify({ files: { "lib/pay.ts": { source, mutants } } }));
  expect(readReport(path)).toEqual([
    {
      file: "lib/pay.ts",
      line: 2,
      sourceLine: "return {",
      mutator: "ObjectLiteral",
      code: "{ once: true, }",
      mutant: "{}",
      status: "Survived",
    },
  ]);
});

test("a mutant is judged by the last killer first, then by the test of its file and those beside it", () => {
  const files = ["http/body", "invocation/steps", "protocol/key", "protocol/lease"].map((name) => ({
    path: `/sandbox/test/${name}.test.ts`,
  }));
  const order = (lastKiller?: string) =>
    nearestFirst(files, "lib/protocol/lease.ts", lastKiller).map(({ path }) =>
      path.replace(/.*test\/(.*)\.test\.ts/, "$1"),
    );
  expect(order()).toEqual(["protocol/lease", "protocol/key", "http/body", "invocation/steps"]);
  expect(order("/sandbox/test/invocation/steps.test.ts")).toEqual([
    "invocation/steps",
    "protocol/lease",
    "protocol/key",
    "http/body",
  ]);
});
