import type { KeySource } from "./idempotency-key.ts";

/**
 * What is kept of an event until its request is complete. Every refused claim pays for the size of
 * the record, and DynamoDB takes 400 KB of it in all.
 */
const MOST_EVENT_BYTES = 100_000;

/** Who may act for the client: none of it is kept. */
const CREDENTIALS = [
  "authorization",
  "cookie",
  "proxy-authorization",
  "x-amz-security-token",
  "x-api-key",
  "x-amzn-oidc-accesstoken",
  "x-amzn-oidc-data",
];

/**
 * The JSON text of an event, for the completer to invoke the function with again. Without the
 * client's credentials, and without the headers in which its key stands; what the authorizer has
 * said about the request is kept, or nobody would know whose it is.
 *
 * @returns the text, or how many bytes it would have, where that is too much.
 */
export function keptEvent(
  event: unknown,
  keyFrom: readonly KeySource[],
): { readonly text: string } | { readonly text: undefined; readonly bytes: number } {
  const keyHeaders = keyFrom
    .filter((source) => "header" in source)
    .map(({ header }) => header.toLowerCase());
  const dropped = new Set([...CREDENTIALS, ...keyHeaders]);
  const { headers, multiValueHeaders, cookies: _, requestContext, ...rest } = event as KeptParts;
  const text = JSON.stringify({
    ...rest,
    ...(headers && { headers: without(dropped, headers) }),
    ...(multiValueHeaders && { multiValueHeaders: without(dropped, multiValueHeaders) }),
    ...(requestContext && { requestContext: withoutApiKey(requestContext) }),
  });
  const bytes = Buffer.byteLength(text);
  return bytes <= MOST_EVENT_BYTES ? { text } : { text: undefined, bytes };
}

interface KeptParts {
  readonly headers?: object | null;
  readonly multiValueHeaders?: object | null;
  readonly cookies?: unknown;
  readonly requestContext?: { readonly identity?: object };
}

function without(dropped: ReadonlySet<string>, headers: object): object {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !dropped.has(name.toLowerCase())),
  );
}

/** A REST API repeats the client's API key there. */
function withoutApiKey({ identity, ...context }: NonNullable<KeptParts["requestContext"]>): object {
  if (identity === undefined) return context;
  return { ...context, identity: without(new Set(["apikey"]), identity) };
}
