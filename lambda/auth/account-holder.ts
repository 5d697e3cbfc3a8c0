import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from "aws-lambda";
import { type Problem, ProblemError } from "../http/problem.ts";

/** What the authorizer says about a request. */
export type AuthorizerContext =
  | { readonly accountHolder: string }
  | { readonly refused: "missing" | "malformed" | "unknown" | "unavailable" };

/** A request that has passed the authorizer, which does not mean that it is anybody's. */
export type AuthorizedEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<
  AuthorizerContext | null | undefined
>;

/**
 * Whose request this is, for the ledger and as the tenant of the idempotency key.
 *
 * @throws ProblemError 401 if it is nobody's, 503 if nobody could say.
 */
export function accountHolderOf(event: AuthorizedEvent): string {
  const context = event.requestContext.authorizer?.lambda;
  if (context && "accountHolder" in context && context.accountHolder !== "") {
    return context.accountHolder;
  }
  // Without a finding there was no authorizer: a mistake of wiring must not open the accounts.
  const refused = context && "refused" in context ? context.refused : "missing";
  throw new ProblemError(PROBLEMS[refused] ?? PROBLEMS.missing);
}

const INVALID_TOKEN = { "www-authenticate": 'Bearer error="invalid_token"' };

/** RFC 6750, section 3.1: a request without credentials is told the scheme and nothing more. */
const PROBLEMS = {
  missing: unauthorized(
    "token_missing",
    "The request has no token. Send the header Authorization: Bearer <token>.",
    { "www-authenticate": "Bearer" },
  ),
  malformed: unauthorized(
    "token_malformed",
    "The Authorization header is not a bearer token. Send Authorization: Bearer <token>, once, with the token as you were given it.",
    INVALID_TOKEN,
  ),
  unknown: unauthorized(
    "token_unknown",
    "The token belongs to no account holder. Send the one that you were given.",
    INVALID_TOKEN,
  ),
  unavailable: {
    statusCode: 503,
    code: "authorizer_unavailable",
    title: "The token cannot be checked at the moment.",
    detail: "The token could not be checked. Send the same request again.",
    headers: { "retry-after": "1" },
  },
} satisfies Record<string, Problem>;

function unauthorized(code: string, detail: string, headers: Record<string, string>): Problem {
  return { statusCode: 401, code, title: "The request is nobody's.", detail, headers };
}
