import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * A digest of files and folders: their paths and their bytes. A path that does not exist counts as
 * absent, so its creation changes the digest.
 *
 * @param root the folder that the paths are relative to.
 * @param more texts that count as well.
 */
export function contentDigest(
  root: string,
  paths: readonly string[],
  more: readonly string[] = [],
): string {
  const hash = createHash("sha256");
  // A length before each part: two lists of parts must not read as the same bytes.
  const add = (part: string | Buffer) => hash.update(`${part.length}:`).update(part);
  for (const text of more) add(Buffer.from(text));
  for (const path of paths.flatMap((one) => filesIn(root, one))) {
    add(Buffer.from(path));
    add(readFileSync(join(root, path)));
  }
  return hash.digest("hex").slice(0, 32);
}

function filesIn(root: string, path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(path, entry.parentPath.slice(full.length), entry.name))
    .sort();
}
