import { ConfigurationError } from "../errors.ts";

/** Which of AWS's HTTP event formats a request came in. Function URLs use `http-api`'s. */
export type EventFormat = "rest-api" | "http-api" | "alb";

/** An HTTP request, read once from the event, before anything else can change the event. */
export interface HttpRequest {
  readonly format: EventFormat;
  readonly method: string;
  readonly path: string;
  /** The route as it was declared (`POST /wallets/{id}/transfers`), or method and path. */
  readonly route: string;
  /** Decoded pairs in the order of arrival, or the raw text where it cannot be decoded exactly. */
  readonly query: readonly (readonly [string, string])[] | string;
  /** All values of a header, found without regard to case. */
  readonly header: (name: string) => readonly string[];
  /** The body as it arrived, decoded from base64; text where the event held text. */
  readonly body: string | Uint8Array;
  /**
   * How often a queue has delivered the request, where the event has the `attributes` of its message;
   * 0 = it comes from no queue.
   */
  readonly receiveCount: number;
  /** The load balancer expects, and reads, `multiValueHeaders` only. */
  readonly answersInMultiValueHeaders: boolean;
}

/**
 * Reads an event of API Gateway (REST API, HTTP API), a function URL or a load balancer.
 *
 * @throws ConfigurationError for any other event: the function is wired to something else.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export function readRequest(event: unknown): HttpRequest {
  const input = (event ?? {}) as Input;
  checkTypes(input);
  const common = {
    header: headerReader(input),
    body: readBody(input),
    receiveCount: readCount(input.attributes?.ApproximateReceiveCount),
  };
  const http = input.requestContext?.http;
  if (typeof http?.method === "string") {
    const path = input.rawPath ?? (isText(http.path) ? http.path : undefined) ?? "/";
    return {
      ...common,
      format: "http-api",
      method: http.method,
      path,
      // A function URL and a catch-all route say "$default", for every path.
      route: input.routeKey ?? "$default",
      query: parsePairs(input.rawQueryString ?? ""),
      answersInMultiValueHeaders: false,
    };
  }
  if (typeof input.httpMethod === "string") {
    const method = input.httpMethod;
    const path = input.path ?? "/";
    const alb = input.requestContext?.elb !== undefined;
    return {
      ...common,
      format: alb ? "alb" : "rest-api",
      method,
      path,
      route: `${method} ${input.resource ?? path}`,
      query: queryPairs(input),
      answersInMultiValueHeaders: alb && input.multiValueHeaders !== undefined,
    };
  }
  throw new ConfigurationError(
    `The event is not an HTTP request: it has neither requestContext.http.method nor httpMethod, only ${JSON.stringify(Object.keys(input))}. Wrap functions behind API Gateway, a function URL or a load balancer.`,
  );
}

/**
 * Pairs of a query string or a form, decoded; or the text itself where decoding would lose a
 * difference (bytes that are no UTF-8 all become the same replacement character).
 */
export function parsePairs(text: string): readonly (readonly [string, string])[] | string {
  // The "&" keeps a leading "?" from being dropped.
  const pairs = [...new URLSearchParams(`&${text}`)];
  return pairs.flat().some((part) => part.includes("\uFFFD")) ? text : pairs;
}

/** What is read of the events; all of it may be missing, and any of it may be null. */
interface Input {
  readonly httpMethod?: string;
  readonly path?: string;
  readonly resource?: string;
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  readonly routeKey?: string;
  readonly headers?: Record<string, string | undefined> | null;
  readonly multiValueHeaders?: Record<string, string[] | undefined> | null;
  readonly queryStringParameters?: Record<string, string | undefined> | null;
  readonly multiValueQueryStringParameters?: Record<string, string[] | undefined> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: {
    readonly http?: { readonly method?: string; readonly path?: string };
    readonly elb?: unknown;
  };
  readonly attributes?: { readonly ApproximateReceiveCount?: unknown } | null;
}

const TEXTS = ["path", "resource", "rawPath", "rawQueryString", "routeKey", "body"] as const;

const MAPS = [
  "headers",
  "multiValueHeaders",
  "queryStringParameters",
  "multiValueQueryStringParameters",
] as const;

/** AWS sends nothing else; whoever invokes the function directly might. */
function checkTypes(input: Input): void {
  const wrong =
    TEXTS.find((name) => !isText(input[name])) ?? MAPS.find((name) => !holdsTexts(input[name]));
  if (wrong === undefined) return;
  throw new ConfigurationError(
    `The event is not an HTTP request: its member "${wrong}" is not ${MAPS.includes(wrong as never) ? "an object of texts" : "a text"}. Invoke the function with an event of API Gateway, a function URL or a load balancer.`,
  );
}

function isText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string";
}

function holdsTexts(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return (
    typeof value === "object" &&
    Object.values(value).every((one) => (Array.isArray(one) ? one.every(isText) : isText(one)))
  );
}

function headerReader({ headers, multiValueHeaders }: Input): HttpRequest["header"] {
  const all = new Map<string, readonly string[]>();
  // A REST API sends both; the multi-value one has every value, the other only the last.
  const sent = Object.entries(multiValueHeaders ?? {});
  for (const [name, value] of sent.length > 0 ? sent : Object.entries(headers ?? {})) {
    const values = typeof value === "string" ? [value] : [...(value ?? [])];
    const key = name.toLowerCase();
    const before = all.get(key);
    all.set(key, before === undefined ? values : [...before, ...values]);
  }
  return (name) => all.get(name.toLowerCase()) ?? [];
}

function queryPairs(input: Input): readonly (readonly [string, string])[] {
  const parameters = input.multiValueQueryStringParameters ?? input.queryStringParameters ?? {};
  return Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => [name, one] as const),
  );
}

function readBody({ body, isBase64Encoded }: Input): string | Uint8Array {
  if (typeof body !== "string") return "";
  return isBase64Encoded === true ? Buffer.from(body, "base64") : body;
}

/** SQS writes its numbers as texts. */
function readCount(count: unknown): number {
  return typeof count === "string" ? Number(count) : 0;
}
