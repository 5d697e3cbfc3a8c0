import { ConfigurationError } from "../errors.ts";
import type { KeySource } from "./idempotency-key.ts";
import { readRawBody } from "./raw-body.ts";

/**
 * The largest event that a record keeps until its request is complete. Every refused claim pays for
 * the size of the record, and DynamoDB accepts 400 KB for the whole item.
 */
const MOST_EVENT_BYTES = 100_000;

/** The client's credentials, which are never stored. */
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
 * The JSON text of an event, with which the completer invokes the function again. It has neither the
 * client's credentials nor the headers that hold the key. It has the authorizer's part, because the
 * tenant depends on it. A body that a parser in front has replaced is kept as it arrived, because the
 * parser will run again.
 *
 * @returns the text; or its size in bytes, if it is too large to keep.
 * @throws ConfigurationError if the event has no JSON text.
 */
export function keptEvent(
  event: unknown,
  keyFrom: readonly KeySource[],
): { readonly text: string } | { readonly text: undefined; readonly bytes: number } {
  const keyHeaders = keyFrom
    .filter((source) => "header" in source)
    .map(({ header }) => header.toLowerCase());
  const dropped = new Set([...CREDENTIALS, ...keyHeaders]);
  const {
    headers,
    multiValueHeaders,
    requestContext,
    // Cookie parsers and normalisers in front keep copies here, including the credentials.
    cookies: _cookies,
    rawHeaders: _rawHeaders,
    rawMultiValueHeaders: _rawMultiValueHeaders,
    rawBody: _rawBody,
    ...rest
  } = event as KeptParts;
  const text = serialise({
    ...rest,
    ...restoreBody(event as KeptParts),
    ...(headers && { headers: omitHeaders(dropped, headers) }),
    ...(multiValueHeaders && { multiValueHeaders: omitHeaders(dropped, multiValueHeaders) }),
    ...(requestContext && { requestContext: withoutApiKey(requestContext) }),
  });
  const bytes = Buffer.byteLength(text);
  return bytes <= MOST_EVENT_BYTES ? { text } : { text: undefined, bytes };
}

function serialise(event: object): string {
  try {
    return JSON.stringify(event);
  } catch (error) {
    const [reason] = String((error as Error).message).split("\n");
    throw new ConfigurationError(
      `idempotency: the event cannot be kept for the completer, because it has no JSON text (${reason}). AWS never sends such an event. A middleware in front must put its own values into the context, not into the event.`,
    );
  }
}

/** The body as it arrived, if a parser in front has replaced or removed it. */
function restoreBody(event: KeptParts): object {
  if (typeof event.body === "string") return {};
  const raw = readRawBody(event);
  if (raw.length === 0) return {};
  return typeof raw === "string"
    ? { body: raw, isBase64Encoded: false }
    : { body: Buffer.from(raw).toString("base64"), isBase64Encoded: true };
}

interface KeptParts {
  readonly body?: unknown;
  readonly headers?: object | null;
  readonly multiValueHeaders?: object | null;
  readonly cookies?: unknown;
  readonly rawHeaders?: unknown;
  readonly rawMultiValueHeaders?: unknown;
  readonly rawBody?: unknown;
  readonly requestContext?: { readonly identity?: object };
}

function omitHeaders(dropped: ReadonlySet<string>, headers: object): object {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !dropped.has(name.toLowerCase())),
  );
}

/** A REST API repeats the client's API key in `requestContext.identity`. */
function withoutApiKey({ identity, ...context }: NonNullable<KeptParts["requestContext"]>): object {
  if (identity === undefined) return context;
  return { ...context, identity: omitHeaders(new Set(["apikey"]), identity) };
}
