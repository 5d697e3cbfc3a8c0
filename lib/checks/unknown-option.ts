import { advisePowertoolsName } from "./powertools-names.ts";

/** A function or object that takes options. */
interface Place {
  /** The name with which its messages begin. */
  readonly where: string;
  /** The names of its options, separated by spaces. */
  readonly options: string;
  /** The code that sets an option there. */
  readonly usage: (name: string) => string;
}

const PLACES: readonly Place[] = [
  {
    where: "idempotency",
    options:
      "store tenant singleTenant profile loadEntity validate claimAt uncommitted largeResponse differentResponse operation service secret keptEvent cache readFirst leaseMarginMs executionTimeoutSeconds observe clock randomUUID",
    usage: (name) => `the function: idempotent(handler, { ${name}: … })`,
  },
  {
    where: "profile",
    options:
      "name keyFrom keyFormat methods scope fingerprint retention missingKey inFlight mismatch completed interrupted abandoned keepsResponses outcome envelope refusals documentationUrl replayMarker",
    usage: (name) => `the profile: dwolla({ ${name}: … })`,
  },
  {
    where: "dynamoDbStore",
    options: "tableName client multiRegionConsistency marshallOptions keyAttributes attributes",
    usage: (name) => `the store: dynamoDbStore({ ${name}: … })`,
  },
];

/**
 * Advises on an unknown name: it is an option of another place, an option of Powertools, or a
 * misspelling.
 *
 * @param known the options of this place.
 */
export function adviseUnknownOption(where: string, name: string, known: readonly string[]): string {
  const ours = advisePowertoolsName(name);
  if (ours !== undefined) return ours;
  // Stryker disable next-line MethodExpression,ConditionalExpression: only another place has the name
  const places = PLACES.filter((place) => place.where !== where);
  const home = findUsage(name, places);
  if (home !== undefined) return `It belongs to ${home}.`;
  const misspelt = places
    .flatMap(({ options }) => options.split(" "))
    .filter((one) => isLike(name, one));
  const names = [...known, ...misspelt];
  // Stryker disable next-line StringLiteral: every place has a name
  const nearest = names.toSorted((a, b) => distance(name, a) - distance(name, b))[0] ?? "";
  const nearestHome = known.includes(nearest) ? undefined : findUsage(nearest, places);
  return nearestHome === undefined
    ? `Did you mean "${nearest}"? The options are: ${known.join(", ")}.`
    : `Did you mean "${nearest}"? It belongs to ${nearestHome}.`;
}

function findUsage(name: string, places: readonly Place[]): string | undefined {
  return places.find(({ options }) => options.split(" ").includes(name))?.usage(name);
}

/** The number of pairs of neighbouring letters that only one of the names has. */
function distance(one: string, other: string): number {
  return letterPairs(one).symmetricDifference(letterPairs(other)).size;
}

/** Whether a name has half of an option's pairs. With fewer, an option of this place is the better guess. */
function isLike(name: string, option: string): boolean {
  const pairs = letterPairs(option);
  return letterPairs(name).intersection(pairs).size >= pairs.size / 2;
}

function letterPairs(name: string): Set<string> {
  // Stryker disable next-line MethodExpression: letters are compared in one case, either one
  const letters = ` ${name.toLowerCase()} `;
  return new Set(Array.from(letters, (_, at) => letters.slice(at, at + 2)));
}
