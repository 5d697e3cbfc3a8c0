import { ConfigurationError } from "../../errors.ts";
import { findForeignKind, findLookalike } from "./foreign.ts";
import type { Input } from "./input.ts";

/**
 * An HTTP event format of AWS. `http-api` is payload format 2.0, which function URLs use as well;
 * `rest-api` is format 1.0; `vpc-lattice` is version 2.
 */
export type EventFormat = "rest-api" | "http-api" | "alb" | "vpc-lattice";

/** The format of an event, and the request's method in upper case. */
export interface RecognisedEvent {
  readonly format: EventFormat;
  readonly method: string;
}

/**
 * Recognises the format of an event by the place of the method.
 *
 * @throws ConfigurationError for any other event. The message names the kind that the event resembles.
 */
export function recognise(event: unknown): RecognisedEvent {
  if (typeof event !== "object" || event === null) throw createError({});
  const lookalike = findLookalike(event);
  if (lookalike !== undefined) throw createError(event, lookalike);
  const { httpMethod, method, version, requestContext } = event as Input;
  const formats: [EventFormat, unknown][] = [
    ["http-api", requestContext?.http?.method],
    [requestContext?.elb === undefined ? "rest-api" : "alb", httpMethod],
    ["vpc-lattice", isLattice(version, requestContext?.serviceArn) ? method : undefined],
  ];
  for (const [format, found] of formats) {
    if (isMethod(found)) return { format, method: found.toUpperCase() };
  }
  throw createError(event, findForeignKind(event));
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

function createError(event: object, kind?: string): ConfigurationError {
  const names = Object.keys(event).slice(0, MOST_NAMES);
  const shown = JSON.stringify(names.map((name) => name.slice(0, LONGEST_NAME)));
  const reason =
    kind === undefined
      ? `it has neither requestContext.http.method nor httpMethod, only ${shown}`
      : `it looks like ${kind}, with the members ${shown}`;
  const isBatch = kind?.includes("batch") === true;
  const other = isBatch
    ? "a batch of SQS, Kinesis, DynamoDB Streams or Kafka use idempotentBatch"
    : "any other event use idempotentFunction, and for a batch idempotentBatch";
  return new ConfigurationError(
    `The event is not an HTTP request: ${reason}. Wrap functions behind API Gateway, a function URL or a load balancer. For ${other}. VPC Lattice works with event structure version 2. If a parser in front replaces the event, put the parser behind the layer.`,
  );
}
