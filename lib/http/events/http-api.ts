import { parsePairs } from "../pairs.ts";
import { CATCH_ALL, canonicalPath, fillPath, type PathForm, withoutStage } from "../path.ts";
import type { Input } from "./input.ts";
import type { EventParts } from "./parts.ts";
import { mergeValues, pairsFrom } from "./values.ts";

/**
 * Reads an event of payload format 2.0, from an HTTP API or a function URL. An HTTP API resolves the
 * escapes of the path and prepends the stage, also behind a custom domain. It drops the key of an API
 * mapping.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function readHttpApi(input: Input, method: string): EventParts {
  const { requestContext, routeKey } = input;
  const parameters = mergeValues(input.pathParameters, undefined);
  const template = routeKey?.slice(routeKey.indexOf(" ") + 1);
  const isTemplate = template?.startsWith("/") === true;
  const contextPath = requestContext?.http?.path;
  const sent = input.rawPath ?? (typeof contextPath === "string" ? contextPath : "/");
  return {
    path:
      (isTemplate ? fillPath(template, parameters, "plain") : undefined) ??
      canonicalPath(
        withoutStage(sent, requestContext?.stage),
        sentForm(requestContext?.domainName),
      ),
    route: isTemplate ? `${method} ${template}` : CATCH_ALL,
    query: readQuery(input),
    parameters,
    pathForm: "plain",
    queryForm: "plain",
    readsMultiValueHeadersOnly: false,
  };
}

/** A function URL has one of Lambda's domains; an HTTP API's event always has its domain. */
function sentForm(domainName: unknown): PathForm {
  return typeof domainName !== "string" || domainName.includes(".lambda-url.")
    ? "escaped"
    : "plain";
}

/** The raw query string has every value; the map joins the values of one name by commas. */
function readQuery({ rawQueryString, queryStringParameters }: Input): EventParts["query"] {
  const pairs = parsePairs(rawQueryString ?? "");
  if (typeof pairs === "string" || queryStringParameters == null) return pairs;
  const sent = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const list = sent.get(name);
    if (list === undefined) sent.set(name, [value]);
    else list.push(value);
  }
  const merged = mergeValues(queryStringParameters, Object.fromEntries(sent));
  const added = [...merged].map(([name, values]) => {
    return [name, values.slice(sent.get(name)?.length)] as const;
  });
  return [...pairs, ...pairsFrom(new Map(added))];
}
