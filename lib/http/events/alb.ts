import { canonicalPath } from "../path.ts";
import type { Input } from "./input.ts";
import type { EventParts } from "./parts.ts";
import { mergeValues, pairsFrom } from "./values.ts";

/**
 * Reads an event of an Application Load Balancer. A load balancer has no routes, passes the escapes of
 * path and query on unchanged, and sends either single or multi-value maps, as its target group is
 * configured.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export function readAlb(input: Input, method: string): EventParts {
  const path = canonicalPath(input.path ?? "/", "escaped");
  return {
    path,
    route: `${method} ${path}`,
    query: pairsFrom(
      mergeValues(input.queryStringParameters, input.multiValueQueryStringParameters),
    ),
    parameters: new Map(),
    pathForm: "escaped",
    queryForm: "escaped",
    readsMultiValueHeadersOnly: Boolean(input.multiValueHeaders),
  };
}
