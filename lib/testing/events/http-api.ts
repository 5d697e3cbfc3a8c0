import type {
  APIGatewayEventRequestContextV2WithAuthorizer,
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyEventV2WithRequestContext,
} from "aws-lambda";
import { CATCH_ALL, resolveEscapes } from "../../http/path.ts";
import {
  type HttpRequestParts,
  joined,
  lowerCased,
  type ResolvedRequest,
  resolveRequest,
  unlessEmpty,
} from "./http-request.ts";
import { ACCOUNT, GATEWAY_TIME, REGION, SOURCE_IP, TIME_MS } from "./places.ts";

/** An event of payload format 2.0 whose request was authorized. */
type Authorized<Authorizer> = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2WithAuthorizer<Authorizer>
>;

/**
 * The event of an HTTP API, payload format 2.0, at the stage `$default`.
 *
 * @param request with `claims`, the claims of a JWT authorizer; or with `authorizer`, the context of another:
 *   `{ lambda }`, `{ iam }`.
 * @throws TypeError if the path is none of the route's.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @example
 * const event = httpApiEvent({
 *   path: "/transfers",
 *   key: "k-1",
 *   body: { amountMinor: 2500 },
 *   claims: { sub: "alice" },
 * });
 */
export function httpApiEvent(
  request: HttpRequestParts & { readonly claims: Readonly<Record<string, string>> },
): APIGatewayProxyEventV2WithJWTAuthorizer;
export function httpApiEvent<Authorizer extends object>(
  request: HttpRequestParts & { readonly authorizer: Authorizer },
): Authorized<Authorizer>;
export function httpApiEvent(request?: HttpRequestParts): APIGatewayProxyEventV2;
export function httpApiEvent(
  parts: HttpRequestParts & { readonly claims?: object; readonly authorizer?: object } = {},
): APIGatewayProxyEventV2 {
  const { claims, authorizer = claims && { jwt: { claims, scopes: null } } } = parts;
  const request = resolveRequest(parts);
  // An HTTP API resolves the escapes of the path.
  const path = request.path.split("/").map(resolveEscapes).join("/");
  const { route = path } = parts;
  const parameters = Object.entries(request.parameters).map(([name, value]) => [
    name,
    resolveEscapes(value),
  ]);
  const place = {
    routeKey: route === CATCH_ALL ? route : `${request.method} ${route}`,
    domainName: `api.execute-api.${REGION}.amazonaws.com`,
  };
  const event = routedEvent({ ...request, path }, place, authorizer);
  const pathParameters = unlessEmpty(Object.fromEntries(parameters), undefined);
  return { ...event, ...(pathParameters && { pathParameters }) };
}

/**
 * The event of a function URL. It has the form of an HTTP API's, but no route, and its path keeps the
 * escapes of the client.
 *
 * @param request with `authorizer`, `{ iam }`, where the URL has IAM authorization.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 * @example
 * const event = functionUrlEvent({ path: "/transfers", key: "k-1", body: { amountMinor: 2500 } });
 */
export function functionUrlEvent<Authorizer extends object>(
  request: Omit<HttpRequestParts, "route"> & { readonly authorizer: Authorizer },
): Authorized<Authorizer>;
export function functionUrlEvent(request?: Omit<HttpRequestParts, "route">): APIGatewayProxyEventV2;
export function functionUrlEvent(
  parts: Omit<HttpRequestParts, "route"> & { readonly authorizer?: object } = {},
): APIGatewayProxyEventV2 {
  const place = { routeKey: CATCH_ALL, domainName: `function.lambda-url.${REGION}.on.aws` };
  return routedEvent(resolveRequest({ ...parts, route: undefined }), place, parts.authorizer);
}

interface Place {
  readonly routeKey: string;
  readonly domainName: string;
}

function routedEvent(
  { method, path, query, pairs, body, isBase64Encoded, headers }: ResolvedRequest,
  { routeKey, domainName }: Place,
  authorizer: object | undefined,
): APIGatewayProxyEventV2 {
  const all = lowerCased(headers);
  // Cookies have a place of their own in this format.
  const cookies = all.flatMap(([name, value]) => (name === "cookie" ? value.split(/; */) : []));
  const [apiId = ""] = domainName.split(".");
  const queryStringParameters = unlessEmpty(joined(pairs), undefined);
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers: joined(all.filter(([name]) => name !== "cookie")),
    ...(queryStringParameters && { queryStringParameters }),
    requestContext: {
      ...{ accountId: ACCOUNT, apiId, domainName, domainPrefix: apiId, routeKey },
      http: { method, path, protocol: "HTTP/1.1", sourceIp: SOURCE_IP, userAgent: "test" },
      ...{ requestId: "test-request", stage: "$default" },
      ...{ time: GATEWAY_TIME, timeEpoch: TIME_MS },
      ...(authorizer && { authorizer }),
    },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
}
