import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from "aws-lambda";
import type { IdempotencyContext } from "../../lib/index.ts";
import { type Problem, ProblemError } from "../http/problem.ts";

/** The authorizer's finding about a request: its account holder, or the reason why it has none. */
export type AuthorizerContext =
  | { readonly accountHolder: string }
  | { readonly refused: "missing" | "malformed" | "unknown" | "unavailable" };

/** A request behind the authorizer, which lets every request through, authenticated or not. */
export type AuthorizedEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<
  AuthorizerContext | null | undefined
>;

/**
 * The account holder who sent the request: the owner in the ledger, and the tenant of the
 * idempotency key.
 *
 * @throws ProblemError 401 if the request is not authenticated, 503 if its token could not be checked.
 */
export function readAccountHolder(event: AuthorizedEvent): string {
  const context = event.requestContext.authorizer?.lambda;
  if (context && "accountHolder" in context && context.accountHolder !== "") {
    return context.accountHolder;
  }
  // Without a finding there was no authorizer: a route without one must not open the accounts.
  const refused = context && "refused" in context ? context.refused : "missing";
  throw new ProblemError(PROBLEMS[refused] ?? PROBLEMS.missing);
}

/**
 * The account holder of a request that a completer may finish: its event has no authorizer's part then.
 *
 * @throws Error if the request has none. No status: it says nothing about a request that has begun.
 */
export function requireHolder({ tenant }: Pick<IdempotencyContext, "tenant">): string {
  if (tenant !== undefined) return tenant;
  throw new Error("The request has no account holder. Give idempotent() the option tenant.");
}

const INVALID_TOKEN = { "www-authenticate": 'Bearer error="invalid_token"' };

/** RFC 6750, section 3.1: the challenge to a request without credentials names only the scheme. */
const PROBLEMS = {
  missing: unauthorized(
    "token_missing",
    "The request has no token. Send the header Authorization: Bearer <token>.",
    { "www-authenticate": "Bearer" },
  ),
  malformed: unauthorized(
    "token_malformed",
    "The Authorization header is not a bearer token. Send it once, as Authorization: Bearer <token>, with the token exactly as issued.",
    INVALID_TOKEN,
  ),
  unknown: unauthorized(
    "token_unknown",
    "The token belongs to no account holder. Send the token that was issued to you.",
    INVALID_TOKEN,
  ),
  unavailable: {
    statusCode: 503,
    code: "authorizer_unavailable",
    title: "Authentication is unavailable.",
    detail: "The token could not be checked at the moment. Send the same request again.",
    headers: { "retry-after": "1" },
  },
} satisfies Record<string, Problem>;

function unauthorized(code: string, detail: string, headers: Record<string, string>): Problem {
  return { statusCode: 401, code, title: "Authentication is required.", detail, headers };
}
