import { ConfigurationError } from "../errors.ts";

/** The members of an event that hold its body. */
interface BodyParts {
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
  /** The body as it arrived, if a parser in front has kept it. */
  readonly rawBody?: unknown;
}

/**
 * The body as it arrived: text if the event holds text, bytes if it holds base64.
 *
 * A parser in front replaces `event.body` by its result. The result has lost numbers beyond 2^53, the
 * first of two members with one name, and the order of a form, so two different requests could look
 * the same. Only the raw body that the parser has kept is then safe to compare.
 *
 * @throws ConfigurationError if a parser has run in front and has kept no raw body.
 */
export function readRawBody(event: object): string | Uint8Array {
  const { body, rawBody, isBase64Encoded } = event as BodyParts;
  const isBase64 = isBase64Encoded === true;
  if (typeof body === "string") return isBase64 ? decodeBase64(body) : body;
  if (typeof rawBody === "string" && rawBody !== "") return readKept(rawBody, isBase64);
  if (isBytes(rawBody)) return Buffer.from(rawBody);
  if (body === undefined || body === null) return "";
  throw new ConfigurationError(
    `The event's body was parsed before the idempotency layer read it: event.body is ${describe(body)}, and event.rawBody does not hold the original text. ${REMEDY}`,
  );
}

/** A parser that resets the flag may keep the base64 text, so JSON in base64 is decoded without the flag. */
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
    // Not JSON.
  }
  return false;
}

const REMEDY =
  "Two different requests could then look the same. Put the parser behind the layer: middy().use(idempotency(options)).use(parser).handler(handler), or idempotent(middy(handler).use(parser), options). A parser of your own may stay in front if it keeps the original text as event.rawBody.";

/** The kind of a parsed body, and the parser that makes such bodies. */
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

/** Also true for bytes of another realm, as in test runners. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && "BYTES_PER_ELEMENT" in value && value.BYTES_PER_ELEMENT === 1;
}

/**
 * A parser may have kept the decoded text and left the flag set. A text is therefore base64 only if
 * its bytes encode to the same text again: Node would decode the forms `amount=1` and `amount=2` to
 * the same bytes.
 */
function decodeBase64(text: string): string | Uint8Array {
  const bytes = Buffer.from(text, "base64");
  const digits = text.endsWith("=") ? text.replace(/={1,2}$/, "") : text;
  const isBase64 = digits.replaceAll("+", "-").replaceAll("/", "_") === bytes.toString("base64url");
  return isBase64 ? bytes : text;
}
