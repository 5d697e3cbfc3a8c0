/**
 * `npm run tarball`: packs the build into `test/fixtures/`, under the name of its version. Tests of
 * rolling deployments run a released version beside the present one, so a released tarball never changes.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FIXTURES = "test/fixtures";

/** npm writes no times and no owners of files, so equal files make equal tarballs. */
function pack(): { readonly name: string; readonly tarball: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), "lambda-idempotency-tarball-"));
  try {
    const name = execFileSync(
      "npm",
      ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder],
      { cwd: ROOT, encoding: "utf8" },
    ).trim();
    return { name, tarball: readFileSync(join(folder, name)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(): number {
  const { name, tarball } = pack();
  const path = join(FIXTURES, name);
  const file = join(ROOT, path);
  if (existsSync(file) && !readFileSync(file).equals(tarball)) {
    console.error(
      `${path} exists with other content. If this version is released, raise the version in ` +
        "package.json; if it is not, delete the file and run this again.",
    );
    return 1;
  }
  mkdirSync(join(ROOT, FIXTURES), { recursive: true });
  writeFileSync(file, tarball);
  console.log(`${path}: ${tarball.length} bytes.`);
  return 0;
}

process.exitCode = main();
