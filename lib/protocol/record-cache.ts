import type { CompletedRecord } from "./record.ts";

/** How much of what has been completed one process remembers. */
export interface CacheBounds {
  /** @default 1000 */
  readonly maxEntries?: number;
  /**
   * Bytes of the stored answers, together.
   * @default 8388608 (8 MiB)
   */
  readonly maxBytes?: number;
}

/** Completed records that this process has seen. They do not change, so no copy of one is stale. */
export interface RecordCache {
  find(id: string): CompletedRecord | undefined;
  keep(record: CompletedRecord): void;
}

/** Beside its answer: id, owner, fingerprint and the entry itself, roughly. */
const REST_OF_ENTRY_BYTES = 500;

/** A cache that forgets what was used least recently when it is full. */
export function recordCache({
  maxEntries = 1_000,
  maxBytes = 8 * 1024 * 1024,
}: CacheBounds): RecordCache {
  // A map keeps the order of insertion: what was used last is last.
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
