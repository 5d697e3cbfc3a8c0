/** The sources of a release. */
export interface ReleaseInputs {
  readonly tag: string;
  readonly manifest: {
    readonly version: string;
    readonly repository?: string | { readonly url?: string };
  };
  readonly changelog: string;
  /** `owner/name` on GitHub; omit it to leave the manifest's `repository` unchecked. */
  readonly repository?: string | undefined;
}

/** The reasons why this tag must not be published, each with its remedy. */
export function tagProblems({ tag, manifest, changelog, repository }: ReleaseInputs): string[] {
  const { version } = manifest;
  const problems: string[] = [];
  if (tag !== `v${version}`) {
    problems.push(
      `The tag is "${tag}", but package.json has version "${version}". ` +
        `Tag v${version}, or set the version with: npm version --no-git-tag-version`,
    );
  }
  if (version.includes("-")) {
    problems.push(
      `Version "${version}" is a prerelease, and the workflow publishes as "latest". ` +
        "Publish prereleases by hand with: npm publish --tag next",
    );
  }
  problems.push(...changelogProblems(changelog, version));
  if (repository !== undefined) problems.push(...repositoryProblems(manifest, repository));
  return problems;
}

function changelogProblems(changelog: string, version: string): string[] {
  const sections = changelog.split(/^## /m).slice(1);
  const unreleased = sections.find((section) => section.startsWith("[Unreleased]\n"));
  const released = sections.find((section) => section.startsWith(`[${version}] - `));
  const problems: string[] = [];
  if (released === undefined || !/^\[.+\] - \d{4}-\d{2}-\d{2}\n/.test(released)) {
    problems.push(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD". Add it.`);
  } else if (!hasEntries(released)) {
    problems.push(
      `The section [${version}] of CHANGELOG.md has no entry. List the changes that users notice.`,
    );
  }
  if (unreleased !== undefined && hasEntries(unreleased)) {
    problems.push(
      `CHANGELOG.md still has entries under [Unreleased]. Move them to the section [${version}].`,
    );
  }
  return problems;
}

function hasEntries(section: string): boolean {
  return /^- /m.test(section);
}

/** npm refuses provenance for a package with another `repository` than the built one. */
function repositoryProblems(
  { repository: declared }: ReleaseInputs["manifest"],
  repository: string,
): string[] {
  const url = typeof declared === "string" ? declared : declared?.url;
  const expected = `https://github.com/${repository}`;
  const isExpected = url?.replace(/^git\+/, "").replace(/\.git$/, "") === expected;
  if (isExpected) return [];
  return [
    `package.json has repository "${url ?? ""}", but the provenance will name "${expected}". ` +
      `Run: npm pkg set repository.type=git repository.url=git+${expected}.git`,
  ];
}
