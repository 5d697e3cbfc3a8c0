import { relative } from "node:path";

/** The tests that judge a folder of `lib/`, the nearest first; "." is `lib/` itself. */
const TESTS_OF: Readonly<Record<string, readonly string[]>> = {
  http: ["http"],
  protocol: ["protocol", "store", "lifecycle", "commit"],
  dynamodb: ["dynamodb", "store", "commit", "options"],
  profiles: ["profiles", "options", "lifecycle"],
  completer: ["completer"],
  ".": ["errors", "options", "lifecycle", "commit", "store", "hostile/records"],
};

/** Which test files judge a file of `lib/`: all paths from the root. */
export function testPatternsOf(mutated: string | undefined): string[] {
  const folders = mutated === undefined ? Object.keys(TESTS_OF) : [folderOf(mutated)];
  const tests = new Set(folders.flatMap((folder) => TESTS_OF[folder] ?? []));
  return [...tests].map((name) => `/test/${name}(/[^/]+)?\\.test\\.ts$`);
}

/** Those that judge a mutated file, the one of the same name first. */
export function nearestFirst(testFiles: readonly string[], mutated: string): string[] {
  const twin = relative("lib", mutated).replace(/\.ts$/, ".test.ts");
  const order = [`/test/${twin}`, ...testPatternsOf(relative(".", mutated))];
  const distance = (file: string) => order.findIndex((pattern) => new RegExp(pattern).test(file));
  return [...new Set(testFiles)]
    .filter((file) => distance(file) >= 0)
    .toSorted((one, other) => distance(one) - distance(other));
}

function folderOf(mutated: string): string {
  const [folder = ".", ...rest] = relative("lib", mutated).split("/");
  return rest.length === 0 && folder.endsWith(".ts") ? "." : folder;
}
