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

/** How many pairs of neighbouring letters stand in one of the names only. */
function distance(one: string, other: string): number {
  return pairsOf(one).symmetricDifference(pairsOf(other)).size;
}

function pairsOf(name: string): Set<string> {
  const letters = ` ${name.toLowerCase()} `;
  return new Set(Array.from(letters, (_, at) => letters.slice(at, at + 2)));
}
