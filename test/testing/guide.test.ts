import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const ROOT = new URL("../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), "utf8");

test("docs/testing.md shows nothing but parts of the tested examples", () => {
  const examples = readdirSync(new URL("examples/testing/", ROOT)).map((name) =>
    read(`examples/testing/${name}`),
  );
  const snippets = [...read("docs/testing.md").matchAll(/```ts\n(.*?)```/gs)];
  expect(snippets.length).toBeGreaterThan(5);
  const strange = snippets
    .map(([, snippet = ""]) => snippet)
    .filter((snippet) => !examples.some((example) => example.includes(snippet)));
  expect(strange).toEqual([]);
});
