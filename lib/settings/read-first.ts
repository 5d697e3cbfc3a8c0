import type { HttpRequest } from "../http/request.ts";
import { saysRetry } from "../http/retry-hint.ts";
import { idMemory } from "../protocol/id-memory.ts";

/** When the layer reads a record before it claims the key; see the option `readFirst`. */
export type ReadFirst = "never" | "suspected" | "always";

/** The number of record ids that a process remembers. */
const MOST_SEEN = 10_000;

/**
 * Creates the decision, for each request in turn, whether to read its record before the claim.
 *
 * @param readFirst `undefined` = never.
 */
export function createReadFirst(
  readFirst: ReadFirst | undefined,
): (id: string, request: HttpRequest) => boolean {
  if (readFirst !== "suspected") return () => readFirst === "always";
  const seen = idMemory(MOST_SEEN);
  return (id, request) => {
    const isKnown = seen.has(id);
    seen.add(id);
    return isKnown || saysRetry(request);
  };
}
