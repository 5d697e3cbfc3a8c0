import { ConfigurationError } from "../errors.ts";
import type { KeySource } from "./idempotency-key.ts";
import { readRawBody } from "./raw-body.ts";

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
 * said about the request is kept, or its tenant would be lost. A body that a parser in front has
 * replaced is kept as it arrived, because the parser will run again.
 *
 * @returns the text, or how many bytes it would have, where that is too much.
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
    // Copies that cookie parsers and normalisers in front keep, credentials and all.
    cookies: _cookies,
    rawHeaders: _rawHeaders,
    rawMultiValueHeaders: _rawMultiValueHeaders,
    rawBody: _rawBody,
    ...rest
  } = event as KeptParts;
  const text = serialise({
    ...rest,
    ...originalBody(event as KeptParts),
    ...(headers && { headers: without(dropped, headers) }),
    ...(multiValueHeaders && { multiValueHeaders: without(dropped, multiValueHeaders) }),
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
      `idempotency: the event cannot be kept for the completer, because it has no JSON text (${reason}). AWS sends none like that: what a middleware in front adds belongs into the context.`,
    );
  }
}

/** A body that a parser in front has replaced, or taken away, as it arrived. */
function originalBody(event: KeptParts): object {
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
