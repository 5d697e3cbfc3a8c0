import { RecordError } from "../errors.ts";
import { type HttpResponse, withoutHeaders } from "./response.ts";
import { readResponse } from "./result.ts";

/**
 * Headers of one connection, one moment or one caller, which would be wrong in a replay:
 * hop-by-hop (RFC 9110, section 7.6.1), cookies, dates and credentials.
 */
const NEVER_STORED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "set-cookie",
  "date",
  "www-authenticate",
  "authorization",
]);

/** The headers that locate the resource. They are small, and suffice for a client to read it. */
const KEPT_WITHOUT_BODY = new Set(["location", "content-location", "link"]);

/** The maximum for these headers together, so that the rest of the record still fits. */
const LARGEST_KEPT_BYTES = 8_000;

/**
 * DynamoDB refuses items over 400 KB (409,600 bytes). The difference leaves ample room for the rest
 * of a record.
 */
const LARGEST_RESPONSE_BYTES = 400_000;

/**
 * The stored text of a response. Of a response that is too large the status is stored, with an error
 * in place of the body. The request has taken effect, so its record must be completed in any case.
 *
 * @param keepsResponses `false` = repeats never get the response, so only its status is stored.
 */
export function storeResponse(
  response: HttpResponse,
  keepsResponses = true,
): { text: string; notKept?: string } {
  if (!keepsResponses) return { text: JSON.stringify({ statusCode: response.statusCode }) };
  const { cookies: _, ...storable } = withoutHeaders(response, isNeverStored(response));
  const text = JSON.stringify(storable);
  const bytes = Buffer.byteLength(text);
  return bytes <= LARGEST_RESPONSE_BYTES
    ? { text }
    : {
        text: withoutBody(storable),
        notKept: `it has ${bytes} bytes; the maximum is ${LARGEST_RESPONSE_BYTES}`,
      };
}

/**
 * Reads a response from its stored text.
 *
 * @throws RecordError if the text is no response, because another program has written it.
 */
export function readStoredResponse(text: string): HttpResponse {
  const read = readJson(text);
  if (read !== undefined && "response" in read) return read.response;
  throw new RecordError(
    'The record\'s attribute "response" is not the text of a response. Does another program write to the table?',
  );
}

function readJson(text: string): ReturnType<typeof readResponse> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return readResponse(value, value);
  } catch {
    return undefined;
  }
}

/** `Connection` names further headers of this connection alone. */
function isNeverStored({ headers = {}, multiValueHeaders = {} }: HttpResponse) {
  const hopByHop = [...Object.entries(headers), ...Object.entries(multiValueHeaders)]
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, names]) => String(names).toLowerCase().split(","))
    .map((name) => name.trim());
  return (name: string) => NEVER_STORED.has(name) || hopByHop.includes(name);
}

function withoutBody(response: HttpResponse): string {
  const { statusCode } = response;
  const error = {
    type: "idempotency_error",
    code: "response_not_kept",
    message:
      "The request was executed, and this was the status of its response. The response itself was too large to be stored. Read the resource instead of repeating the request.",
    status: statusCode,
  };
  const located = withoutHeaders(response, (name) => !KEPT_WITHOUT_BODY.has(name));
  const { headers = {}, multiValueHeaders } = located;
  const isSmall =
    Buffer.byteLength(JSON.stringify([headers, multiValueHeaders])) <= LARGEST_KEPT_BYTES;
  return JSON.stringify({
    statusCode,
    headers: { "content-type": "application/json", ...(isSmall && headers) },
    ...(isSmall && multiValueHeaders && { multiValueHeaders }),
    body: JSON.stringify({ error }),
  });
}
