import { relative } from "node:path";

/** The tests that send whole requests. */
const REQUESTS = ["idempotent", "middy", "invocation"];

/** The tests that judge a folder of `lib/`; "." is `lib/` itself. */
const TESTS_OF: Readonly<Record<string, readonly string[]>> = {
  http: ["http"],
  protocol: ["protocol", "store", ...REQUESTS, "invocation/commits"],
  dynamodb: ["dynamodb", "store", "invocation/commits", "settings"],
  profiles: ["profiles", "settings", ...REQUESTS],
  completer: ["completer"],
  checks: ["checks", "settings"],
  testing: ["testing", "store"],
  settings: ["settings", ...REQUESTS, "profiles"],
  invocation: [...REQUESTS, "profiles", "invocation/commits", "store"],
  ".": [
    ...["errors", "settings", ...REQUESTS, "profiles", "invocation/commits", "store"],
    "hostile/records",
  ],
};

/** Patterns of the test files that judge a file of `lib/`, with paths from the root. */
export function testPatternsOf(mutated: string | undefined): string[] {
  const folders = mutated === undefined ? Object.keys(TESTS_OF) : [folderOf(mutated)];
  const tests = new Set(folders.flatMap((folder) => TESTS_OF[folder] ?? []));
  return [...tests].map((name) => `/test/${name}(/[^/]+)?(\\.integration)?\\.test\\.ts$`);
}

/**
 * The test files that judge a mutated file: the file that killed its last mutant, the file of the same
 * name, and the others in their given order.
 */
export function nearestFirst<TestFile extends { readonly path: string }>(
  testFiles: readonly TestFile[],
  mutated: string,
  lastKiller?: string,
): TestFile[] {
  const twin = `/test/${relative("lib", mutated).replace(/\.ts$/, ".test.ts")}`;
  const judges = testPatternsOf(relative(".", mutated)).map((pattern) => new RegExp(pattern));
  const isFar = ({ path }: TestFile) =>
    path !== lastKiller && !path.replace(".integration.", ".").endsWith(twin);
  return testFiles
    .filter(({ path }) => judges.some((pattern) => pattern.test(path)))
    .toSorted((one, other) => Number(isFar(one)) - Number(isFar(other)));
}

function folderOf(mutated: string): string {
  const [folder = ".", ...rest] = relative("lib", mutated).split("/");
  return rest.length === 0 && folder.endsWith(".ts") ? "." : folder;
}
