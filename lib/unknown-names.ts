import { ConfigurationError } from "./errors.ts";

/**
 * Refuses options that do not exist: a misspelt option is a promise that is silently not kept.
 *
 * @throws ConfigurationError naming the unknown option and the nearest one that exists.
 */
export function refuseUnknownNames(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError(`${where}: expected an object with options, got ${options}.`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const nearest = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
    throw new ConfigurationError(
      `${where}: there is no option "${name}". Did you mean "${nearest}"? The options are: ${known.join(", ")}.`,
    );
  }
}

/** How many letters must be inserted, removed or exchanged (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from.toLowerCase()].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to.toLowerCase()].entries()) {
      const exchange = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchange, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
