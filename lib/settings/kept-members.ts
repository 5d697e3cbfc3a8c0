import { check, optional, type Requirement } from "../checks/requirements.ts";
import { ConfigurationError } from "../errors.ts";
import type { NamedMembers } from "../http/kept-event.ts";
import { isPointer, pointerTree } from "../http/pointer-tree.ts";
import type { Profile } from "../profiles/profile.ts";

/** The members of an event that a record keeps for the completer beside the necessary ones. */
export interface KeptMembers {
  /**
   * Names of headers, in any case. Headers with credentials and the headers of the key are refused.
   * @default [] (`content-type` and `content-encoding` are always kept)
   */
  readonly headers?: readonly string[];
  /**
   * Names of parameters of the query. The parameters of the key are refused.
   * @default []
   */
  readonly query?: readonly string[];
  /**
   * Members of `requestContext.authorizer`, as JSON pointers (RFC 6901): `/principalId`,
   * `/lambda/accountId`, `/jwt/claims/sub`.
   * @default [] (the tenant is always kept)
   */
  readonly authorizer?: readonly string[];
}

/** The headers with the client's credentials, which are never stored. */
const CREDENTIALS = [
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
  "x-amz-security-token",
  "x-amzn-oidc-accesstoken",
  "x-amzn-oidc-data",
  "x-api-key",
];

/**
 * Checks the option `keptEvent`, when the function starts.
 *
 * @throws ConfigurationError if a list is malformed, names credentials or the key, or no event is kept.
 */
export function readKeptMembers(
  options: KeptMembers | undefined,
  { name, abandoned, keyFrom }: Profile,
  claimAt: "start" | "commit",
): NamedMembers {
  if (options !== undefined) check<KeptMembers>(WHERE, options, REQUIREMENTS);
  const { headers = [], query = [], authorizer = [] } = options ?? {};
  if (options !== undefined && (abandoned !== "complete" || claimAt !== "start")) {
    const reason =
      claimAt === "start"
        ? `the profile ${name} never asks for it (its abandoned is "${abandoned}")`
        : 'claimAt is "commit", which leaves nothing to complete';
    throw new ConfigurationError(
      `idempotency: keptEvent is given, but no event is kept: ${reason}. Remove keptEvent, or use claimAt "start" and a profile with abandoned: "complete", for example orzcash().`,
    );
  }
  for (const header of headers) {
    const plain = header.toLowerCase();
    if (CREDENTIALS.includes(plain)) {
      throw new ConfigurationError(
        `${WHERE}: headers has "${header}", but the client's credentials are never stored. Read the authenticated principal from context.idempotency.tenant; an attempt of the completer has it too.`,
      );
    }
    if (keyFrom.some((source) => "header" in source && source.header.toLowerCase() === plain)) {
      throw isKey("headers", header);
    }
  }
  for (const parameter of query) {
    if (keyFrom.some((source) => "query" in source && source.query === parameter)) {
      throw isKey("query", parameter);
    }
  }
  return {
    headers: new Set(headers.map((header) => header.toLowerCase())),
    query: new Set(query),
    authorizer: pointerTree(authorizer),
  };
}

const WHERE = "idempotency: keptEvent";

function isKey(list: string, name: string): ConfigurationError {
  return new ConfigurationError(
    `${WHERE}: ${list} has "${name}", but the profile's keys stand there (keyFrom), and no record holds the client's key. Remove it.`,
  );
}

const REQUIREMENTS = {
  headers: listOf(
    (value) => /^[!#$%&'*+.^_`|~\w-]+$/.test(value),
    'a list of names of headers, for example ["accept-language"]',
  ),
  query: listOf((value) => value !== "", 'a list of names of parameters, for example ["currency"]'),
  authorizer: listOf(
    isPointer,
    'a list of JSON pointers to members of requestContext.authorizer, for example ["/jwt/claims/sub"]',
  ),
};

function listOf(holds: (value: string) => boolean, expected: string): Requirement {
  return optional([
    (value) => Array.isArray(value) && value.every((one) => typeof one === "string" && holds(one)),
    expected,
  ]);
}
