import { ConfigurationError } from "../../errors.ts";
import { findForeignKind, findLookalike } from "./foreign.ts";
import type { Input } from "./input.ts";

/**
 * One of AWS's HTTP event formats. `http-api` is payload format 2.0, which function URLs use as well;
 * `rest-api` is format 1.0; `vpc-lattice` is version 2.
 */
export type EventFormat = "rest-api" | "http-api" | "alb" | "vpc-lattice";

/** The format of an event, and the request's method in upper case. */
export interface Recognised {
  readonly format: EventFormat;
  readonly method: string;
}

/**
 * Tells the format of an event from where it holds the method.
 *
 * @throws ConfigurationError for any other event, with the kind that it looks like.
 */
export function recognise(event: unknown): Recognised {
  if (typeof event !== "object" || event === null) throw noRequest({});
  const lookalike = findLookalike(event);
  if (lookalike !== undefined) throw noRequest(event, lookalike);
  const { httpMethod, method, version, requestContext } = event as Input;
  const formats: [EventFormat, unknown][] = [
    ["http-api", requestContext?.http?.method],
    [requestContext?.elb === undefined ? "rest-api" : "alb", httpMethod],
    ["vpc-lattice", isLattice(version, requestContext?.serviceArn) ? method : undefined],
  ];
  for (const [format, found] of formats) {
    if (isMethod(found)) return { format, method: found.toUpperCase() };
  }
  throw noRequest(event, findForeignKind(event));
}

function isLattice(version: unknown, serviceArn: unknown): boolean {
  return version === "2.0" || typeof serviceArn === "string";
}

const METHOD = /^[!#$%&'*+.^_`|~\w-]+$/;

function isMethod(value: unknown): value is string {
  return typeof value === "string" && METHOD.test(value);
}

const MOST_NAMES = 20;
const LONGEST_NAME = 40;

function noRequest(event: object, kind?: string): ConfigurationError {
  const names = Object.keys(event).slice(0, MOST_NAMES);
  const shown = JSON.stringify(names.map((name) => name.slice(0, LONGEST_NAME)));
  const reason =
    kind === undefined
      ? `it has neither requestContext.http.method nor httpMethod, only ${shown}`
      : `it looks like ${kind}, with the members ${shown}`;
  return new ConfigurationError(
    `The event is not an HTTP request: ${reason}. Wrap functions behind API Gateway, a function URL or a load balancer. VPC Lattice works with event structure version 2. A parser in front that replaces the event belongs behind.`,
  );
}
