/** The ids of records that this process remembers, for a while. */
export interface IdMemory {
  /** Whether the id was added, and is remembered still. */
  has(id: string): boolean;
  add(id: string): void;
}

/** Creates a memory that forgets the ids that were added first. */
export function idMemory(mostIds: number): IdMemory {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.delete(id);
      ids.add(id);
      for (const oldest of ids) {
        if (ids.size <= mostIds) break;
        ids.delete(oldest);
      }
    },
  };
}
