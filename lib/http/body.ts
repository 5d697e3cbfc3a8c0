import { announcedCoding, contentCodings, type Unpacked, unpack } from "./content-encoding.ts";
import { parseParameterised } from "./header-value.ts";
import type { HttpRequest } from "./request.ts";

/** The body of a request with what its headers say about it. */
export interface Body {
  /** As it arrived: text where the event held text, bytes where it held base64. */
  readonly raw: string | Uint8Array;
  /** What the media type says that it is. */
  readonly kind: "json" | "form" | "multipart" | "other";
  /** Type and subtype in lower case, without parameters; "" where there is none. */
  readonly mediaType: string;
  /** All that is said about the type, as one text in which spelling does not count. */
  readonly contentType: string;
  /** In lower case; `undefined` = not declared. */
  readonly charset: string | undefined;
  /** The boundary of a multipart body, where the media type has one that all parsers read the same. */
  readonly boundary: string | undefined;
  /** Its content codings, in the order in which they were applied. */
  readonly codings: readonly string[];
  /** The body with its codings undone; or why they cannot be. */
  readonly content: () => Content;
}

export type Content = { readonly bytes: string | Uint8Array } | { readonly fault: string };

/** Reads what the headers say about a body. The body itself is decoded when it is asked for. */
export function readBodyHeaders(request: HttpRequest): Body {
  const types = request.header("content-type");
  const type = types[0] === undefined ? undefined : parseParameterised(types[0]);
  const parameter = (name: string) => type?.parameters.find(([its]) => its === name)?.[1];
  const mediaType = type?.value ?? "";
  const codings = contentCodings(request.header("content-encoding"));
  const raw = request.body;
  const kind = kindNamed(mediaType);
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

function kindNamed(mediaType: string): Body["kind"] {
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
  // No text of these kinds begins like gzip; of other kinds a file may be one, and be meant so.
  const coding = announcedCoding(content.bytes);
  const unpacked = coding === undefined ? content : unpack(content.bytes, [coding]);
  return "fault" in unpacked ? content : unpacked;
}

const TEXT_IN_PLACE =
  "its Content-Encoding says that it is compressed, and what arrived is text, not bytes";
