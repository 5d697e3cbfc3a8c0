import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { kilobytesBegun } from "./item-size.ts";

/** What a record weighs beside its answer, roughly: id, owner, fingerprint, numbers and names. */
const REST_OF_RECORD_BYTES = 300;

/**
 * The attribute for an answer: as text, or compressed where that saves a write unit. Every refused
 * claim pays for the size of the record, so what an answer weighs is paid for by every replay.
 */
export function storeText(text: string): AttributeValue {
  const units = (bytes: number) => kilobytesBegun(bytes + REST_OF_RECORD_BYTES);
  const bytes = Buffer.byteLength(text);
  if (units(bytes) === 1) return { S: text };
  const compressed = brotliCompressSync(text, {
    params: {
      // The best ratio at which a compression of 10 KB stays below a millisecond.
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    },
  });
  return units(compressed.byteLength) < units(bytes) ? { B: compressed } : { S: text };
}

/** The text in the attribute of an answer, or `undefined` if there is none. */
export function readText(attribute: AttributeValue | undefined): string | undefined {
  if (attribute?.B === undefined) return attribute?.S;
  try {
    return brotliDecompressSync(attribute.B).toString();
  } catch {
    // No compressed text.
  }
  return undefined;
}
