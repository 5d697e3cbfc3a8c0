import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { type ReleaseInputs, tagProblems } from "../../release/tag.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-27

### Added

- A feature.
`;

const RIGHT: ReleaseInputs = {
  tag: "v1.2.3",
  manifest: {
    version: "1.2.3",
    repository: { url: "git+https://github.com/owner/name.git" },
  },
  changelog: CHANGELOG,
  repository: "owner/name",
};

test("a tag that fits the version, the changelog and the repository may be published", () => {
  expect(tagProblems(RIGHT)).toEqual([]);
  expect(
    tagProblems({
      ...RIGHT,
      manifest: { version: "1.2.3", repository: "https://github.com/owner/name" },
    }),
  ).toEqual([]);
});

test("outside GitHub Actions the repository is not checked", () => {
  const { repository: _, ...local } = RIGHT;
  expect(tagProblems({ ...local, manifest: { version: "1.2.3" } })).toEqual([]);
});

test.each<[string, Partial<ReleaseInputs>, RegExp]>([
  ["another version in package.json", { tag: "v1.2.4" }, /tag is "v1\.2\.4".*version "1\.2\.3"/],
  ["a tag without its v", { tag: "1.2.3" }, /Tag v1\.2\.3/],
  [
    "no section for the version",
    { changelog: CHANGELOG.replace("[1.2.3]", "[1.2.2]") },
    /no section "## \[1\.2\.3\] - YYYY-MM-DD"/,
  ],
  [
    "a section without its date",
    { changelog: CHANGELOG.replace("2026-11-27", "soon") },
    /no section "## \[1\.2\.3\] - YYYY-MM-DD"/,
  ],
  [
    "a section without entries",
    { changelog: CHANGELOG.replace("- A feature.", "") },
    /\[1\.2\.3\] of CHANGELOG\.md has no entry/,
  ],
  [
    "entries that are still unreleased",
    { changelog: CHANGELOG.replace("[Unreleased]\n", "[Unreleased]\n\n- Another.\n") },
    /still has entries under \[Unreleased\]/,
  ],
  [
    "no repository in package.json, which npm's provenance needs",
    { manifest: { version: "1.2.3" } },
    /repository "".*npm pkg set.*https:\/\/github\.com\/owner\/name\.git/,
  ],
  ["the repository of a fork", { repository: "fork/name" }, /provenance will name.*fork\/name/],
])("%s stops a release", (_, wrong, problem) => {
  expect(tagProblems({ ...RIGHT, ...wrong })).toEqual([expect.stringMatching(problem)]);
});

test("a prerelease is not published as latest", () => {
  const problems = tagProblems({
    ...RIGHT,
    tag: "v1.2.3-rc.1",
    manifest: { ...RIGHT.manifest, version: "1.2.3-rc.1" },
    changelog: CHANGELOG.replace("[1.2.3]", "[1.2.3-rc.1]"),
  });
  expect(problems).toEqual([expect.stringMatching(/prerelease.*--tag next/)]);
});

test("CHANGELOG.md has unreleased changes on top, and a dated section for each version", () => {
  const changelog = readFileSync(new URL("../../CHANGELOG.md", import.meta.url), "utf8");
  const [unreleased, ...versions] = [...changelog.matchAll(/^## (.+)$/gm)].map(
    ([, title = ""]) => title,
  );
  expect(unreleased).toBe("[Unreleased]");
  expect(versions).toContain("[0.1.0] - 2026-11-27");
  expect(versions.filter((title) => !/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/.test(title))).toEqual(
    [],
  );
});
