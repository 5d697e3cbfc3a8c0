import type { HttpRequest } from "../http/request.ts";
import { saysRetry } from "../http/retry-hint.ts";

/** Whether a record is read before its key is claimed. */
export type ReadFirst = "never" | "suspected" | "always";

/** How many keys a process remembers to have seen. */
const MOST_SEEN = 10_000;

/**
 * Decides, for each request in turn, whether it is likely to be a repeat and is looked up first.
 *
 * @param readFirst `undefined` = never.
 */
export function createReadFirst(
  readFirst: ReadFirst | undefined,
): (id: string, request: HttpRequest) => boolean {
  if (readFirst !== "suspected") return () => readFirst === "always";
  const seen = new Set<string>();
  return (id, request) => {
    const isKnown = seen.delete(id);
    seen.add(id);
    for (const oldest of seen) {
      if (seen.size <= MOST_SEEN) break;
      seen.delete(oldest);
    }
    return isKnown || saysRetry(request);
  };
}
