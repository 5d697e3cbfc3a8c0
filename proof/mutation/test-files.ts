/** The test files that Jest runs next; unset = all of them. */
const VARIABLE = "MUTATION_TEST_FILES";

/** Limits the next runs of Jest in this process to these files. */
export function chooseTestFiles(files: readonly string[] | undefined): void {
  if (files === undefined) delete process.env[VARIABLE];
  else process.env[VARIABLE] = JSON.stringify(files);
}

/** Jest's `filter`, which Jest calls at each run. */
function filter(paths: string[]): { filtered: string[] } {
  const chosen = process.env[VARIABLE];
  const files: string[] = chosen === undefined ? paths : JSON.parse(chosen);
  return { filtered: paths.filter((path) => files.includes(path)) };
}

// Jest loads this file with `require`, which returns the export of this name.
export { filter as "module.exports" };
