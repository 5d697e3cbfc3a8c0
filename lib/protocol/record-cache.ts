import type { CompletedRecord } from "./record.ts";

/** Bounds of the completed records that one process remembers. */
export interface CacheBounds {
  /** @default 1000 */
  readonly maxEntries?: number;
  /**
   * Bytes of all stored responses together.
   * @default 8388608 (8 MiB)
   */
  readonly maxBytes?: number;
}

/** Completed records that this process has seen. They do not change, so no copy is stale. */
export interface RecordCache {
  find(id: string): CompletedRecord | undefined;
  keep(record: CompletedRecord): void;
}

/** Bytes of an entry beside its response, roughly: id, owner, fingerprint and the entry itself. */
const REST_OF_ENTRY_BYTES = 500;

/** A cache that forgets the least recently used records when it is full. */
export function recordCache({
  maxEntries = 1_000,
  maxBytes = 8 * 1024 * 1024,
}: CacheBounds): RecordCache {
  // A map keeps the order of insertion: the most recently used entry is last.
  const entries = new Map<string, { readonly record: CompletedRecord; readonly bytes: number }>();
  let totalBytes = 0;

  function forget(id: string): void {
    totalBytes -= entries.get(id)?.bytes ?? 0;
    entries.delete(id);
  }

  return {
    find(id) {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      entries.delete(id);
      entries.set(id, entry);
      return entry.record;
    },
    keep(record) {
      const bytes = Buffer.byteLength(record.response) + REST_OF_ENTRY_BYTES;
      forget(record.id);
      if (bytes > maxBytes) return;
      entries.set(record.id, { record, bytes });
      totalBytes += bytes;
      for (const id of entries.keys()) {
        if (entries.size <= maxEntries && totalBytes <= maxBytes) break;
        forget(id);
      }
    },
  };
}
