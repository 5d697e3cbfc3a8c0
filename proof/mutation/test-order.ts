import { dirname, relative } from "node:path";

/**
 * The order in which test files judge a mutated file: the file that killed its last mutant, the file
 * of the same name, the files of the same folder, and the others. Equally near files keep their order.
 */
export function nearestFirst<TestFile extends { readonly path: string }>(
  testFiles: readonly TestFile[],
  mutated: string,
  lastKiller?: string,
): TestFile[] {
  const twin = `/test/${relative("lib", mutated).replace(/\.ts$/, ".test.ts")}`;
  const distance = ({ path }: TestFile) => {
    if (path === lastKiller) return 0;
    if (path.replace(".integration.", ".").endsWith(twin)) return 1;
    return dirname(path).endsWith(dirname(twin)) ? 2 : 3;
  };
  return testFiles.toSorted((one, other) => distance(one) - distance(other));
}
