import { ConfigurationError } from "../../errors.ts";

/** A map of an event: AWS sends strings, lists of strings (VPC Lattice, multi-value maps) and nulls. */
export type TextMap = Readonly<Record<string, string | readonly (string | null)[] | null>>;

/** The members of an event in all formats. Each may be missing or null. */
export interface Input {
  readonly version?: unknown;
  readonly httpMethod?: unknown;
  readonly method?: unknown;
  readonly path?: string | null;
  readonly resource?: string | null;
  readonly rawPath?: string | null;
  readonly rawQueryString?: string | null;
  readonly routeKey?: string | null;
  readonly headers?: TextMap | null;
  readonly multiValueHeaders?: TextMap | null;
  readonly queryStringParameters?: TextMap | null;
  readonly multiValueQueryStringParameters?: TextMap | null;
  readonly pathParameters?: TextMap | null;
  readonly requestContext?: RequestContext | null;
  readonly attributes?: { readonly ApproximateReceiveCount?: unknown } | null;
}

/** Each member is checked where it is used, because authorizers and emulators add values of any type. */
export interface RequestContext {
  readonly http?: { readonly method?: unknown; readonly path?: unknown } | null;
  readonly elb?: unknown;
  readonly serviceArn?: unknown;
  readonly stage?: unknown;
  readonly path?: unknown;
  readonly domainName?: unknown;
}

const TEXTS = ["path", "resource", "rawPath", "rawQueryString", "routeKey"] as const;

const MAPS = [
  "headers",
  "multiValueHeaders",
  "queryStringParameters",
  "multiValueQueryStringParameters",
  "pathParameters",
] as const;

/**
 * Checks the types of the members that are read. AWS always sends these types; a direct invocation or
 * a middleware in front may send others.
 *
 * @throws ConfigurationError that names the member.
 */
export function checkTypes(event: object): asserts event is Input {
  const input = event as Record<string, unknown>;
  const text = TEXTS.find((name) => !isTextOrNothing(input[name]));
  if (text !== undefined) throw createTypeError(text, "a string");
  const map = MAPS.find((name) => !isMapOrNothing(input[name]));
  if (map !== undefined) throw createTypeError(map, "an object of strings");
}

function createTypeError(member: string, expected: string): ConfigurationError {
  return new ConfigurationError(
    `The event is not an HTTP request: its member "${member}" is not ${expected}. Invoke the function with an event of API Gateway, a function URL or a load balancer. VPC Lattice works with event structure version 2.`,
  );
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string";
}

/** A `Map` or `Headers` is refused: it has no own members, so the key in it would be overlooked. */
function isMapOrNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return (
    Object.prototype.toString.call(value) === "[object Object]" &&
    Object.values(value).every((one) =>
      Array.isArray(one) ? one.every(isTextOrNothing) : isTextOrNothing(one),
    )
  );
}
