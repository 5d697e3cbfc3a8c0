import { RecordError } from "../errors.ts";
import { forOrigin } from "./cors.ts";
import type { RefusalAnswer } from "./refusal.ts";
import type { HttpRequest } from "./request.ts";

/** What a Lambda function answers to API Gateway, a function URL or a load balancer. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly cookies?: readonly string[];
}

/**
 * The answer that a handler's result stands for. A result without a status code is what HTTP APIs
 * make of it: 200 and the JSON text of the result, or an empty body for none.
 */
export function responseOf(result: unknown): HttpResponse {
  if (typeof result === "object" && result !== null && "statusCode" in result) {
    return result as HttpResponse;
  }
  if (result === undefined) return { statusCode: 200, body: "" };
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: jsonOf(result),
  };
}

/** What has no JSON text stays as it is: Lambda will refuse it, and `storeResponse` notes it. */
function jsonOf(result: unknown): string {
  try {
    return JSON.stringify(result);
  } catch {
    return result as string;
  }
}

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

/**
 * DynamoDB refuses items over 400 KB (409,600 bytes). The rest of a record is well below the
 * difference.
 */
const LARGEST_RESPONSE_BYTES = 400_000;

/**
 * The text under which an answer is stored. An answer that cannot be stored keeps its status, and
 * says in place of its body that it was not kept: the effect has happened, so the record must be
 * completed all the same.
 *
 * @param keepsAnswers `false` = repeats never get it, and nothing of it is kept but its status.
 */
export function storeResponse(
  response: HttpResponse,
  keepsAnswers = true,
): { text: string; notKept?: string } {
  if (isStream(response.body)) return note(response, "its body is a stream");
  if (!keepsAnswers) return { text: JSON.stringify({ statusCode: response.statusCode }) };
  try {
    const text = serialise(response);
    const bytes = Buffer.byteLength(text);
    if (bytes <= LARGEST_RESPONSE_BYTES) return { text };
    return note(response, `it has ${bytes} bytes; the most is ${LARGEST_RESPONSE_BYTES}`);
  } catch (error) {
    return note(response, `it is not serialisable: ${(error as Error).message}`);
  }
}

/**
 * The answer that a stored text stands for, marked as a replay. The text was written by
 * `storeResponse` and is handed on as it is.
 *
 * @throws RecordError if the text is no answer: something else has written it.
 */
export function replayResponse(
  text: string,
  request: HttpRequest,
  marker: string | undefined,
): HttpResponse {
  return marked(forOrigin(readAnswer(text), request), request, marker);
}

function readAnswer(text: string): HttpResponse {
  try {
    const answer = JSON.parse(text);
    if ("statusCode" in answer) return answer;
  } catch {
    // No JSON, or nothing that has members: no answer either.
  }
  throw new RecordError(
    'The record\'s attribute "response" is not the text of an answer. Is the table used by something else as well?',
  );
}

/** Marks a replay. Nothing is merged into the answer but the marker. */
export function marked(
  response: HttpResponse,
  request: HttpRequest,
  marker: string | undefined,
): HttpResponse {
  return marker === undefined ? response : withHeaders(response, request, { [marker]: "true" });
}

/** A refusal in the form that the caller reads. */
export function refusalResponse(
  { headers, ...answer }: RefusalAnswer,
  request: HttpRequest,
): HttpResponse {
  return withHeaders(answer, request, headers);
}

/** Adds headers in the form that the caller reads. */
function withHeaders(
  response: HttpResponse,
  request: HttpRequest,
  headers: Readonly<Record<string, string>>,
): HttpResponse {
  if (!request.answersInMultiValueHeaders) {
    return { ...response, headers: { ...response.headers, ...headers } };
  }
  return {
    ...response,
    multiValueHeaders: {
      ...listed(response.headers ?? {}),
      ...response.multiValueHeaders,
      ...listed(headers),
    },
  };
}

function isStream(body: unknown): boolean {
  return typeof body === "object" && body !== null && ("pipe" in body || "getReader" in body);
}

function listed<Value>(headers: Readonly<Record<string, Value>>): Record<string, Value[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}

function serialise({ cookies: _, ...response }: HttpResponse): string {
  return JSON.stringify({
    ...response,
    ...(response.headers && { headers: storable(response.headers) }),
    ...(response.multiValueHeaders && { multiValueHeaders: storable(response.multiValueHeaders) }),
  });
}

function storable(headers: object): object {
  const entries = Object.entries(headers);
  // `Connection` names further headers that belong to this connection only.
  const hopByHop = entries
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, names]) => String(names).toLowerCase().split(","))
    .map((name) => name.trim());
  return Object.fromEntries(
    entries.filter(([name]) => {
      const lowerCased = name.toLowerCase();
      return !NEVER_STORED.has(lowerCased) && !hopByHop.includes(lowerCased);
    }),
  );
}

function note({ statusCode }: HttpResponse, reason: string): { text: string; notKept: string } {
  const error = {
    type: "idempotency_error",
    code: "response_not_kept",
    message:
      "The request was executed and answered with this status. The answer itself was not kept; read the resource instead of repeating the request.",
    status: statusCode,
  };
  const text = JSON.stringify({
    statusCode,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ error }),
  });
  return { text, notKept: reason };
}
