import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

/**
 * Everything that a file imports, directly or through other files of the repository: packages and
 * modules of Node by their specifiers, files by their paths from the root.
 *
 * @param seen what is known already; the result is added to it.
 */
export function reachableFrom(root: string, file: string, seen = new Set<string>()): Set<string> {
  for (const [, specifier = ""] of readFileSync(join(root, file), "utf8").matchAll(IMPORT)) {
    const one = specifier.startsWith(".") ? join(dirname(file), specifier) : specifier;
    if (seen.has(one)) continue;
    seen.add(one);
    if (one.endsWith(".ts") && existsSync(join(root, one))) reachableFrom(root, one, seen);
  }
  return seen;
}
