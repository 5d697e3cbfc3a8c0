import { isUtf8 } from "node:buffer";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { kilobytesBegun } from "./item-size.ts";

/** Bytes of a record beside its response, roughly: id, owner, fingerprint, numbers and names. */
const REST_OF_RECORD_BYTES = 300;

/** DynamoDB's limit of an item: no text in one has more bytes before compression. */
export const MOST_TEXT_BYTES = 400 * 1024;

/**
 * The attribute for a text: as it is, or compressed if that saves a write unit. Every refused claim
 * pays for the size of the record, so every replay pays for the size of the response.
 */
export function storeText(text: string): AttributeValue {
  const units = (bytes: number) => kilobytesBegun(bytes + REST_OF_RECORD_BYTES);
  const bytes = Buffer.byteLength(text);
  // A text too long to be read again goes to DynamoDB as it is, which refuses it.
  // Stryker disable next-line ConditionalExpression: a compression in vain costs time
  if (units(bytes) === 1 || bytes > MOST_TEXT_BYTES) return { S: text };
  // Stryker disable next-line ObjectLiteral: another ratio costs time or units
  const compressed = brotliCompressSync(text, {
    // Stryker disable next-line ObjectLiteral: another ratio costs time or units
    params: {
      // The best ratio at which a compression of 10 KB stays below a millisecond.
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    },
  });
  return units(compressed.byteLength) < units(bytes) ? { B: compressed } : { S: text };
}

/**
 * The text in an attribute; `undefined` if there is none.
 *
 * @param mostBytes the longest text: a few bytes of another writer may unpack to gigabytes.
 */
export function readText(
  attribute: AttributeValue | undefined,
  mostBytes = MOST_TEXT_BYTES,
): string | undefined {
  if (attribute?.B === undefined) return attribute?.S;
  try {
    const unpacked = brotliDecompressSync(attribute.B, { maxOutputLength: Math.max(1, mostBytes) });
    return isUtf8(unpacked) ? unpacked.toString() : undefined;
  } catch {
    // The text is not compressed, or too large.
  }
  return undefined;
}
