import { RecordError } from "../errors.ts";
import { type HttpResponse, withoutHeaders } from "./response.ts";
import { readResponse } from "./result.ts";

/**
 * Headers that belong to one connection, one moment or one caller, and would be wrong in a replay:
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

/** Where the result of the request is: small, and all that a client needs to read it. */
const KEPT_WITHOUT_BODY = new Set(["location", "content-location", "link"]);

/** What the headers above may have together; some bytes are left for the rest of the record. */
const LARGEST_KEPT_BYTES = 8_000;

/**
 * DynamoDB refuses items over 400 KB (409,600 bytes). The rest of a record is well below the
 * difference.
 */
const LARGEST_RESPONSE_BYTES = 400_000;

/**
 * The text under which a response is stored. A response that is too large keeps its status and says
 * in place of its body that it was not kept: the effect has happened, so the record must be
 * completed all the same.
 *
 * @param keepsAnswers `false` = repeats never get it, and nothing of it is kept but its status.
 */
export function storeResponse(
  response: HttpResponse,
  keepsAnswers = true,
): { text: string; notKept?: string } {
  if (!keepsAnswers) return { text: JSON.stringify({ statusCode: response.statusCode }) };
  const { cookies: _, ...storable } = withoutHeaders(response, isNeverStored(response));
  const text = JSON.stringify(storable);
  const bytes = Buffer.byteLength(text);
  return bytes <= LARGEST_RESPONSE_BYTES
    ? { text }
    : {
        text: withoutBody(storable),
        notKept: `it has ${bytes} bytes; the most is ${LARGEST_RESPONSE_BYTES}`,
      };
}

/**
 * The response that a stored text stands for.
 *
 * @throws RecordError if the text is no response: something else has written it.
 */
export function readStoredResponse(text: string): HttpResponse {
  const read = readJson(text);
  if (read !== undefined && "response" in read) return read.response;
  throw new RecordError(
    'The record\'s attribute "response" is not the text of an answer. Is the table used by something else as well?',
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

/** `Connection` names further headers that belong to this connection only. */
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
      "The request was executed and answered with this status. The answer itself was not kept; read the resource instead of repeating the request.",
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
