import { readAlb } from "./events/alb.ts";
import { readHttpApi } from "./events/http-api.ts";
import { checkTypes, type Input } from "./events/input.ts";
import type { EventParts } from "./events/parts.ts";
import { type EventFormat, recognise } from "./events/recognise.ts";
import { readRestApi } from "./events/rest-api.ts";
import { mergeValues } from "./events/values.ts";
import { readVpcLattice } from "./events/vpc-lattice.ts";
import { resolveEscapes } from "./path.ts";
import { readRawBody } from "./raw-body.ts";

export type { EventFormat } from "./events/recognise.ts";

/** An HTTP request, read once from the event, before a middleware or the handler can change the event. */
export interface HttpRequest {
  readonly format: EventFormat;
  /** In upper case. */
  readonly method: string;
  /**
   * The route with its parameters filled in, if the event has them; otherwise the path without its
   * stage. Segments are percent-encoded in one way, and the path has no slash at its end.
   */
  readonly path: string;
  /** The route as it was declared (`POST /wallets/{id}/transfers`), `$default`, or method and path. */
  readonly route: string;
  /** Decoded pairs in the order of arrival, or the raw text if it cannot be decoded exactly. */
  readonly query: readonly (readonly [string, string])[] | string;
  /** All values of a header; the case of the name does not matter. */
  readonly header: (name: string) => readonly string[];
  /** A parameter of the route, decoded. */
  readonly pathParameter: (name: string) => string | undefined;
  /** All values of a parameter of the query, decoded. */
  readonly queryParameter: (name: string) => readonly string[];
  /** The body as it arrived: text if the event held text, bytes if it held base64. */
  readonly body: string | Uint8Array;
  /**
   * Number of times that a queue has delivered the request, if the event has the `attributes` of its
   * message; 0 = the request comes from no queue.
   */
  readonly receiveCount: number;
  /** Whether the load balancer reads `multiValueHeaders` only. */
  readonly readsMultiValueHeadersOnly: boolean;
}

/**
 * Reads an event of API Gateway (REST API, HTTP API), a function URL, a load balancer or VPC Lattice.
 *
 * @throws ConfigurationError for any other event: the function has another trigger, or a middleware in
 *   front has changed the event beyond recognition.
 */
export function readRequest(event: unknown): HttpRequest {
  return withBody(readHead(event), event);
}

/**
 * Adds the body to the rest of the request, read from the same event.
 *
 * @throws ConfigurationError if a parser in front has replaced the body.
 */
export function withBody(head: HttpRequest, event: unknown): HttpRequest {
  return { ...head, body: readRawBody(event as object) };
}

/**
 * Reads everything but the body, which stays empty.
 *
 * @throws ConfigurationError like `readRequest`.
 */
export function readHead(event: unknown): HttpRequest {
  const { format, method } = recognise(event);
  checkTypes(event as object);
  const input = event as Input;
  const { parameters, pathForm, queryForm, ...parts } = READERS[format](input, method);
  const headers = mergeValues(input.headers, input.multiValueHeaders, (name) => name.toLowerCase());
  return {
    ...parts,
    format,
    method,
    header: (name) => headers.get(name.toLowerCase()) ?? [],
    pathParameter(name) {
      const value = parameters.get(name)?.at(-1);
      return value !== undefined && pathForm === "escaped" ? resolveEscapes(value) : value;
    },
    queryParameter: (name) => queryValues(parts.query, queryForm, name),
    body: "",
    receiveCount: readCount(input.attributes?.ApproximateReceiveCount),
  };
}

const READERS: Readonly<Record<EventFormat, (input: Input, method: string) => EventParts>> = {
  "http-api": readHttpApi,
  "rest-api": readRestApi,
  alb: readAlb,
  "vpc-lattice": readVpcLattice,
};

function queryValues(
  query: HttpRequest["query"],
  form: EventParts["queryForm"],
  name: string,
): readonly string[] {
  const pairs = typeof query === "string" ? [...new URLSearchParams(`&${query}`)] : query;
  const decode = form === "escaped" ? resolveEscapes : (text: string) => text;
  return pairs.filter(([one]) => decode(one) === name).map(([, value]) => decode(value));
}

/** SQS writes its numbers as strings. */
function readCount(count: unknown): number {
  return typeof count === "string" ? Number(count) : 0;
}
