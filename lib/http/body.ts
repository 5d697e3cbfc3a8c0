import { announcedCoding, contentCodings, type Unpacked, unpack } from "./content-encoding.ts";
import { parseParameterised } from "./header-value.ts";
import type { HttpRequest } from "./request.ts";

/** The body of a request, with its description in the headers. */
export interface Body {
  /** As it arrived: text where the event held text, bytes where it held base64. */
  readonly raw: string | Uint8Array;
  /** The kind of content that the media type declares. */
  readonly kind: "json" | "form" | "multipart" | "other";
  /** Type and subtype in lower case, without parameters; "" where the request has none. */
  readonly mediaType: string;
  /** The whole `Content-Type` in a canonical spelling. */
  readonly contentType: string;
  /** In lower case; `undefined` = not declared. */
  readonly charset: string | undefined;
  /** The boundary of a multipart body, where the media type has one that all parsers read the same. */
  readonly boundary: string | undefined;
  /** Its content codings, in the order in which they were applied. */
  readonly codings: readonly string[];
  /** The body with its codings undone, or the fault that prevents it. */
  readonly content: () => Content;
}

export type Content = { readonly bytes: string | Uint8Array } | { readonly fault: string };

/** Reads the headers that describe a body. The body itself is decoded on the first call of `content`. */
export function readBodyHeaders(request: HttpRequest): Body {
  const types = request.header("content-type");
  const type = types[0] === undefined ? undefined : parseParameterised(types[0]);
  const parameter = (name: string) => type?.parameters.find(([its]) => its === name)?.[1];
  const mediaType = type?.value ?? "";
  const codings = contentCodings(request.header("content-encoding"));
  const raw = request.body;
  const kind = readKind(mediaType);
  const isOne = type?.isExact === true && types.length === 1;
  let content: Content | undefined;
  return {
    raw,
    kind,
    mediaType,
    contentType: types.map(canonicalType).join(", "),
    charset: parameter("charset")?.toLowerCase() || undefined,
    boundary: isOne ? parameter("boundary") : undefined,
    codings,
    content: () => {
      content ??= unpackBody(raw, kind, codings);
      return content;
    },
  };
}

function canonicalType(text: string): string {
  const { value, parameters, isExact } = parseParameterised(text);
  if (!isExact) return text;
  const texts = parameters.map(([name, text]) =>
    JSON.stringify([name, name === "charset" ? text.toLowerCase() : text]),
  );
  return [value, ...texts].join(";");
}

function readKind(mediaType: string): Body["kind"] {
  if (mediaType === "application/json" || mediaType.endsWith("+json")) return "json";
  if (mediaType === "application/x-www-form-urlencoded") return "form";
  return mediaType.startsWith("multipart/") ? "multipart" : "other";
}

function unpackBody(
  raw: string | Uint8Array,
  kind: Body["kind"],
  codings: readonly string[],
): Content {
  if (typeof raw === "string") {
    return raw === "" || codings.length === 0 ? { bytes: raw } : { fault: TEXT_IN_PLACE };
  }
  const content: Unpacked = raw.length === 0 ? { bytes: raw } : unpack(raw, codings);
  if ("fault" in content || kind === "other") return content;
  // JSON, forms and multipart bodies never begin like gzip. A body of another kind may be a gzip file.
  const coding = announcedCoding(content.bytes);
  const unpacked = coding === undefined ? content : unpack(content.bytes, [coding]);
  return "fault" in unpacked ? content : unpacked;
}

const TEXT_IN_PLACE =
  "its Content-Encoding declares compression, but text arrived in place of compressed bytes";
