import { CATCH_ALL, readParameter } from "../../http/path.ts";
import { payloadText } from "./payload.ts";

/** A client's request, for the builders of HTTP events. */
export interface HttpRequestParts {
  /** @default "POST" */
  readonly method?: string | undefined;
  /**
   * The path as the client sends it, with its percent escapes.
   * @default the route, if it has no parameters, otherwise "/"
   */
  readonly path?: string | undefined;
  /**
   * The path of the declared route: `/wallets/{id}/transfers`, `/{proxy+}`, or an HTTP API's `$default`. The
   * event has the parameters that the path holds. Load balancers, VPC Lattice and function URLs have no routes.
   * @default the path
   */
  readonly route?: string | undefined;
  /** The query string without the question mark, or its parameters. */
  readonly query?: string | Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The value of the header `Idempotency-Key`; `undefined` = the client sends none. */
  readonly key?: string | undefined;
  /** A text; bytes, which the event has in Base64; or any other value, which is sent as JSON. */
  readonly body?: unknown;
}

/** The parts of a request that each event has in its own places. */
export interface ResolvedRequest {
  readonly method: string;
  readonly path: string;
  readonly route: string;
  /** The values of the route's parameters, with their percent escapes. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: string;
  /** The parameters of the query, with their percent escapes. */
  readonly escapedPairs: Pairs;
  /** The same, with their escapes resolved. */
  readonly pairs: Pairs;
  readonly headers: Pairs;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

type Pairs = readonly (readonly [name: string, value: string])[];

export function resolveRequest(request: HttpRequestParts): ResolvedRequest {
  const { method = "POST", body } = request;
  const { path = isFixed(request.route) ? request.route : "/" } = request;
  const { route = path } = request;
  const query = queryText(request.query);
  const escapedPairs = query === "" ? [] : query.split("&").map(splitPair);
  return {
    ...{ method, path, route, query, escapedPairs },
    parameters: readParameters(route, path),
    pairs: [...new URLSearchParams(query)],
    headers: listHeaders(request),
    body: body === undefined ? undefined : payloadText(body),
    isBase64Encoded: body instanceof Uint8Array,
  };
}

function queryText(query: HttpRequestParts["query"] = ""): string {
  if (typeof query === "string") return query;
  return String(new URLSearchParams(listPairs(query).map(([...pair]) => pair)));
}

function splitPair(pair: string): readonly [string, string] {
  const [name = "", ...value] = pair.split("=");
  return [name, value.join("=")];
}

function listHeaders({ key, body, headers = {} }: HttpRequestParts): Pairs {
  const given = listPairs(headers);
  const isGiven = (wanted: string) => given.some(([name]) => name.toLowerCase() === wanted);
  const isJson = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array);
  return [
    ...(isJson && !isGiven("content-type") ? [["Content-Type", "application/json"] as const] : []),
    ...(key === undefined ? [] : [["Idempotency-Key", key] as const]),
    ...given,
  ];
}

function listPairs(values: Readonly<Record<string, string | readonly string[]>>): Pairs {
  return Object.entries(values).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one] as const),
  );
}

function isFixed(route: string | undefined): route is string {
  return route !== undefined && route !== CATCH_ALL && !route.includes("{");
}

/** @throws TypeError if the path is none of the route's. */
function readParameters(route: string, path: string): Record<string, string> {
  if (route === CATCH_ALL) return {};
  const segments = path.split("/");
  const parameters: Record<string, string> = {};
  let isGreedy = false;
  for (const [index, segment] of route.split("/").entries()) {
    const parameter = readParameter(segment);
    const sent = parameter?.isGreedy ? segments.slice(index).join("/") : segments[index];
    if (parameter !== undefined && sent) parameters[parameter.name] = sent;
    else if (sent !== segment) throw strangePath(route, path);
    isGreedy ||= parameter?.isGreedy === true;
  }
  if (!isGreedy && segments.length > route.split("/").length) throw strangePath(route, path);
  return parameters;
}

function strangePath(route: string, path: string): TypeError {
  return new TypeError(`The route ${route} does not have the path ${path}.`);
}

/** Names in lower case, as all services but REST APIs pass headers on. */
export function lowerCased(headers: Pairs): Pairs {
  return headers.map(([name, value]) => [name.toLowerCase(), value] as const);
}

/** All values of each name. */
export function lists(pairs: Pairs): Record<string, string[]> {
  const grouped = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries(
    [...grouped].map(([name, all]) => [name, all.map(([, value]) => value)]),
  );
}

/** All values of each name in one text. */
export function joined(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lists(pairs)).map(([name, values]) => [name, values.join(",")]),
  );
}

/** The last value of each name. */
export function last(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(pairs);
}

/** The record; `undefined` or `null`, as the service has it, if it is empty. */
export function unlessEmpty<Values extends object, None>(values: Values, none: None) {
  return Object.keys(values).length === 0 ? none : values;
}
