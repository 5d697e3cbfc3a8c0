import type { Body } from "./body.ts";
import { canonicalJson } from "./canonical-json.ts";
import { isKnown, isUnicode, readTexts } from "./charset.ts";
import { parseMultipart } from "./multipart.ts";
import { CONTROLS, canonicalPairs, parsePairs, selectFields } from "./pairs.ts";
import type { Selection } from "./pointer-tree.ts";

/**
 * The content of a body as parts for a digest. The kind comes first, so that two kinds never have
 * equal parts. Compression, boundary, and the encoding of JSON and forms do not count. Where the
 * content is uncertain, the bytes count, together with the headers that describe them.
 */
export function canonicalBody(body: Body, selection?: Selection): readonly (string | Uint8Array)[] {
  const content = body.content();
  // A body that does not unpack is compared as it arrived.
  if ("fault" in content) return ["packed", body.raw, body.codings.join(), body.contentType];
  const { bytes } = content;
  if (bytes.length === 0) return ["bytes", ""];
  return canonicalContent(body, bytes, selection) ?? ["bytes", bytes, body.contentType];
}

function canonicalContent(
  body: Body,
  bytes: string | Uint8Array,
  selection?: Selection,
): readonly (string | Uint8Array)[] | undefined {
  if (body.kind === "other") return undefined;
  if (body.kind === "multipart") return canonicalParts(body, bytes, selection);
  const texts =
    typeof bytes === "string" ? [stripMark(bytes)] : readTexts(bytes, body.charset, false);
  const write = body.kind === "json" ? canonicalJson : canonicalForm;
  const forms = new Set<string>();
  for (const text of texts) {
    const form = isInDoubt(body, text) ? undefined : write(text, selection);
    if (form !== undefined) forms.add(form);
  }
  // Bytes with one meaning in the declared charset and another in UTF-8 may be read either way.
  const [form, ...others] = forms;
  return form === undefined || others.length > 0 ? undefined : [body.kind, form];
}

/** Whether the declared charset may give this text other characters. */
function isInDoubt({ kind, charset, raw }: Body, text: string): boolean {
  if (charset === undefined || isUnicode(charset)) return false;
  // Escapes of a form are bytes in its charset, and a gateway may have decoded the text from it.
  const isOpen =
    (kind === "form" && text.includes("%")) || (typeof raw === "string" && !isAscii(text));
  return isOpen || !isKnown(charset);
}

function isAscii(text: string): boolean {
  return !/\P{ASCII}/u.test(text);
}

function canonicalForm(text: string, selection?: Selection): string | undefined {
  if (CONTROLS.test(text)) return undefined;
  const pairs = parsePairs(text);
  if (typeof pairs === "string") return canonicalPairs(pairs);
  return canonicalPairs(selectFields(pairs, ([name]) => name, selection));
}

function canonicalParts(
  body: Body,
  bytes: string | Uint8Array,
  selection?: Selection,
): readonly (string | Uint8Array)[] | undefined {
  const parts = parseMultipart(Buffer.from(bytes), body.boundary);
  if (parts === undefined) return undefined;
  const counted = selectFields(parts, ({ name = "" }) => name, selection);
  return [body.mediaType, ...counted.flatMap(({ headers, content }) => [headers, content])];
}

function stripMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
