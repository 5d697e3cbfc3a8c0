/**
 * `npm run check:testing-examples`: runs the examples of docs/testing.md with Jest and with Vitest, each in a fresh
 * project that installs the packed package and the rest from npm's registry. Jest's project has the oldest
 * peers of the package, Vitest's the present ones.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLES = join(ROOT, "examples/testing");
const PROJECTS = ["jest", "vitest"] as const;

function runProject(name: (typeof PROJECTS)[number], folder: string, tarball: string): void {
  cpSync(join(ROOT, "release/testing-examples", name), folder, { recursive: true });
  cpSync(tarball, join(folder, "lambda-idempotency.tgz"));
  for (const file of readdirSync(EXAMPLES)) {
    const example = readFileSync(join(EXAMPLES, file), "utf8");
    // The guide says that nothing else differs.
    const source = name === "vitest" ? example.replace('"@jest/globals"', '"vitest"') : example;
    writeFileSync(join(folder, file), source);
  }
  npm(folder, "install", "--no-audit", "--no-fund", "--no-package-lock");
  npm(folder, "run", "types");
  npm(folder, "test");
}

/** Without the settings of the npm that runs this script, and with the Node that runs it. */
function npm(cwd: string, ...command: string[]): void {
  const settings = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(settings),
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  };
  execFileSync("npm", command, { cwd, env, stdio: "inherit" });
}

const work = mkdtempSync(join(tmpdir(), "lambda-idempotency-testing-"));
try {
  npm(ROOT, "run", "--silent", "build");
  npm(ROOT, "pack", "--silent", "--ignore-scripts", "--pack-destination", work);
  const [packed = ""] = readdirSync(work);
  const tarball = join(work, "packed.tgz");
  renameSync(join(work, packed), tarball);
  for (const name of PROJECTS) {
    console.log(`\n${name}:`);
    runProject(name, join(work, name), tarball);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
