import { canonicalPath } from "../path.ts";
import type { Input } from "./input.ts";
import type { EventParts } from "./parts.ts";
import { mergeValues, pairsFrom } from "./values.ts";

/**
 * Reads an event of VPC Lattice, version 2. Its maps hold lists of values, and it has no routes. VPC
 * Lattice reads the single headers of the response.
 *
 * @see https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
 */
export function readVpcLattice(input: Input, method: string): EventParts {
  const path = canonicalPath(input.path ?? "/", "escaped");
  return {
    path,
    route: `${method} ${path}`,
    query: pairsFrom(mergeValues(undefined, input.queryStringParameters)),
    parameters: new Map(),
    pathForm: "escaped",
    queryForm: "plain",
    readsMultiValueHeadersOnly: false,
  };
}
