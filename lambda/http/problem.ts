import type { HttpResponse } from "../../lib/index.ts";

/** A problem in the terms of RFC 9457. */
export interface Problem {
  readonly statusCode: number;
  /** One word that programs can compare, such as `insufficient_funds`. */
  readonly code: string;
  /** The same sentence for every problem with this code. */
  readonly title: string;
  /** The fault in this request, with the value at fault, and the way to mend it. */
  readonly detail: string;
  /** The parts of `detail` that a program may need. */
  readonly details?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The response for a problem: problem+json, with the members `message` and `error` that refusals of
 * the idempotency layer have too, so that clients read one form only.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function problemResponse(problem: Problem): HttpResponse {
  const { statusCode: status, code, title, detail } = problem;
  const error = {
    type: status >= 500 ? "api_error" : "request_error",
    code,
    message: detail,
    status,
    details: problem.details ?? {},
  };
  return {
    statusCode: status,
    headers: { "content-type": "application/problem+json", ...problem.headers },
    body: JSON.stringify({ type: "about:blank", title, status, detail, message: detail, error }),
  };
}

/**
 * A problem on its way to the client. Throw it, rather than return its response, where no effect has
 * happened yet: a status of 4xx then frees the idempotency key, and the corrected request may use it.
 */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly statusCode: number;
  readonly problem: Problem;

  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail, cause === undefined ? undefined : { cause });
    this.statusCode = problem.statusCode;
    this.problem = problem;
  }
}

/** The resource does not exist or belongs to another holder. Both must look the same. */
export function notFound(
  kind: "account" | "charge" | "payout" | "transaction" | "transfer",
  id: string,
): ProblemError {
  return new ProblemError({
    statusCode: 404,
    code: "not_found",
    title: `There is no such ${kind}.`,
    detail: `You have no ${kind} with the id ${JSON.stringify(id.slice(0, 80))}. Check the id.`,
  });
}
