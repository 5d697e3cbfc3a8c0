import { ConfigurationError } from "../errors.ts";

/** The members of an event in which its body is found. */
interface BodyParts {
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
  /** The body as it arrived, where a parser in front has kept it. */
  readonly rawBody?: unknown;
}

/**
 * The body as it arrived, decoded from base64; text where the event holds text.
 *
 * A parser in front replaces `event.body` by what it has read. A number beyond 2^53, the first of two
 * members of one name and the order of a form are lost then, so two different requests could look the
 * same. Only a raw body that the parser has kept will do.
 *
 * @throws ConfigurationError if a parser has run before, and has kept no raw body.
 */
export function readRawBody(event: object): string | Uint8Array {
  const { body, rawBody, isBase64Encoded } = event as BodyParts;
  const isBase64 = isBase64Encoded === true;
  if (typeof body === "string") return isBase64 ? decodeBase64(body) : body;
  if (typeof rawBody === "string" && rawBody !== "") return readKept(rawBody, isBase64);
  if (isBytes(rawBody)) return Buffer.from(rawBody);
  if (body === undefined || body === null) return "";
  throw new ConfigurationError(
    `The event's body was parsed before idempotency saw it: event.body is ${describe(body)}, and event.rawBody does not hold the text that arrived. ${REMEDY}`,
  );
}

/** A parser that resets the flag may have kept the base64 text: JSON in it is found all the same. */
function readKept(rawBody: string, isBase64: boolean): string | Uint8Array {
  if (isBase64) return decodeBase64(rawBody);
  if (isJson(rawBody)) return rawBody;
  const decoded = decodeBase64(rawBody);
  return isJson(decoded.toString()) ? decoded : rawBody;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Another format.
  }
  return false;
}

const REMEDY =
  "Two different requests could look the same like that. Put the parser behind: middy().use(idempotency(options)).use(parser).handler(handler), or idempotent(middy(handler).use(parser), options). A parser of your own may keep the text as event.rawBody.";

/** What a parser in front was, from what it has left. */
function describe(body: unknown): string {
  if (isBytes(body) || body instanceof ArrayBuffer) {
    return "a Buffer, as from a middleware that decodes base64 or unpacks the body";
  }
  if (typeof body !== "object" || body === null) {
    return `a ${typeof body}, as from a JSON parser (httpJsonBodyParser, Powertools' parser)`;
  }
  if (Object.prototype.toString.call(body) === "[object FormData]" || holdsFiles(body)) {
    return "a form with files, as from a multipart parser (httpMultipartBodyParser)";
  }
  // querystring.parse() makes objects without a prototype.
  if (Object.getPrototypeOf(body) === null) {
    return "a form object, as from a form parser (httpUrlencodeBodyParser)";
  }
  return "a JSON object, as from a JSON parser (httpJsonBodyParser, Powertools' parser)";
}

function holdsFiles(body: object): boolean {
  return Object.values(body)
    .flat()
    .some((one) => isBytes((one as { content?: unknown } | null | undefined)?.content));
}

/** Also of another realm, as in test runners. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && "BYTES_PER_ELEMENT" in value && value.BYTES_PER_ELEMENT === 1;
}

/**
 * A parser may have kept the text that it had decoded, and left the flag as it was. Only what encodes to the
 * same text again is base64: Node would decode the forms `amount=1` and `amount=2` to the same bytes.
 */
function decodeBase64(text: string): string | Uint8Array {
  const bytes = Buffer.from(text, "base64");
  const digits = text.endsWith("=") ? text.replace(/={1,2}$/, "") : text;
  const isBase64 = digits.replaceAll("+", "-").replaceAll("/", "_") === bytes.toString("base64url");
  return isBase64 ? bytes : text;
}
