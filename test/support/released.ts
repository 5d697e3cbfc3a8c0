import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The folder of a released version, unpacked from its tarball. It lies inside the repository, so that
 * the released code finds its peers (the SDK, Middy) where the present code does.
 */
export function releasedPackage(version: string): string {
  const unpacked = join(ROOT, ".local/released", version);
  if (!existsSync(unpacked)) {
    mkdirSync(join(ROOT, ".local/released"), { recursive: true });
    // Two test processes may unpack at once: each into a folder of its own, and one rename wins.
    const folder = mkdtempSync(join(ROOT, ".local/released/.unpacking-"));
    const tarball = join(ROOT, `test/fixtures/lambda-idempotency-${version}.tgz`);
    execFileSync("tar", ["-xzf", tarball, "-C", folder]);
    try {
      renameSync(folder, unpacked);
    } catch (error) {
      if (!existsSync(unpacked)) throw error;
    }
  }
  return join(unpacked, "package");
}
