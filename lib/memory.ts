import type { ClaimedRecord, IdempotencyRecord } from "./protocol/record.ts";
import type { Owned, Store, WriteOutcome } from "./protocol/store.ts";

/**
 * Creates a store in the memory of one process, for tests and for first steps. It checks the same
 * conditions as `dynamoDbStore`, but its records end with the process: on Lambda it protects nothing. It
 * cannot commit business writes, so `commit`, `step.commit` and `claimAt: "commit"` need `dynamoDbStore`.
 *
 * @example
 * const handler = idempotent(createTransfer, { store: memoryStore(), singleTenant: true });
 */
export function memoryStore(): Store {
  const records = new Map<string, IdempotencyRecord>();

  async function writeIfOwner(
    { id, owner }: Owned,
    change: (claimed: ClaimedRecord) => IdempotencyRecord,
  ): Promise<WriteOutcome> {
    const record = records.get(id);
    if (record?.state !== "CLAIMED" || record.owner !== owner) return { applied: false, record };
    records.set(id, change(record));
    return { applied: true };
  }

  return {
    async claim({ nowMs, takeover, expiresAtSeconds, entityId: wanted, completer: _, ...claim }) {
      const old = records.get(claim.id);
      const before = old?.state === "CLAIMED" && old.claims > 0 ? old : undefined;
      const startedAtMs = before?.startedAtMs ?? nowMs;
      const claims = (before?.claims ?? 0) + 1;
      if (before === undefined && takeover === "only") return { applied: false, record: old };
      if (old !== undefined) {
        const expired = (old.expiresAtSeconds ?? Infinity) <= Math.floor(nowMs / 1000);
        const lapsed =
          old.state === "CLAIMED" &&
          old.leaseUntilMs <= nowMs &&
          old.fingerprint === claim.fingerprint;
        const usable = (expired && takeover !== "only") || (lapsed && takeover !== "never");
        const available = old.owner !== claim.owner && usable;
        if (!available) return { applied: false, record: old };
      }
      const record: ClaimedRecord = {
        ...claim,
        state: "CLAIMED",
        fence: (old?.fence ?? nowMs) + 1,
        claims,
        startedAtMs,
        entityId: old?.entityId ?? wanted,
        expiresAtSeconds,
        ...(before?.steps && { steps: before.steps }),
      };
      records.set(claim.id, record);
      return { applied: true, record };
    },

    complete: ({ response, expiresAtSeconds, ...owned }) =>
      writeIfOwner(
        owned,
        ({ leaseUntilMs: _, claims: __, startedAtMs: ___, steps: ____, ...rest }) => ({
          ...rest,
          response,
          state: "COMPLETED",
          expiresAtSeconds,
        }),
      ),

    async checkpoint({ index, step, ...owned }) {
      const record = records.get(owned.id);
      const steps = (record?.state === "CLAIMED" && record.steps) || [];
      if (steps.length !== index) return { applied: false, record };
      return writeIfOwner(owned, (claimed) => ({ ...claimed, steps: [...steps, step] }));
    },

    release: (owned) => writeIfOwner(owned, (claimed) => ({ ...claimed, leaseUntilMs: 0 })),

    async free({ claims, expiresAtSeconds, ...owned }) {
      const record = records.get(owned.id);
      if (record?.state === "CLAIMED" && record.claims !== claims)
        return { applied: false, record };
      return writeIfOwner(owned, ({ startedAtMs: _, entityId: __, steps: ___, ...claimed }) => ({
        ...claimed,
        claims: 0,
        leaseUntilMs: 0,
        expiresAtSeconds,
      }));
    },

    extend: ({ leaseUntilMs, ...owned }) =>
      writeIfOwner(owned, (claimed) => ({ ...claimed, leaseUntilMs })),

    read: async (id) => records.get(id),
  };
}
