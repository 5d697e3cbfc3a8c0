import { type ClaimedRecord, hasBegun, type IdempotencyRecord } from "./protocol/record.ts";
import type { ClaimRequest, Owned, ReplacedRecord, Store, WriteOutcome } from "./protocol/store.ts";
import { allowsTakeover } from "./protocol/verdict.ts";

/**
 * Creates a store in the memory of one process, for tests and for first steps. It checks the same
 * conditions as `dynamoDbStore`, but its records end with the process: on Lambda it protects nothing. It
 * cannot commit business writes, so `commit`, `step.commit` and `claimAt: "commit"` need `dynamoDbStore`, or
 * `testStore` of `lambda-idempotency/testing`.
 *
 * @example
 * const handler = idempotent(createTransfer, { store: memoryStore(), singleTenant: true });
 */
export function memoryStore(): Store {
  const records = new Map<string, IdempotencyRecord>();

  async function writeIfOwner(
    { id, owner, fence }: Owned,
    change: (claimed: ClaimedRecord) => IdempotencyRecord | undefined,
  ): Promise<WriteOutcome> {
    const record = records.get(id);
    const isMine = record?.state === "CLAIMED" && record.owner === owner && record.fence === fence;
    const changed = isMine ? change(record) : undefined;
    if (changed === undefined) return { applied: false, record };
    records.set(id, changed);
    return { applied: true };
  }

  return {
    async claim(request) {
      const { id, owner, fingerprint, nowMs, leaseUntilMs, expiresAtSeconds, entityId } = request;
      const old = records.get(id);
      if (!mayClaim(old, request)) return { applied: false, record: old };
      // Nothing of a replaced record reaches the new request.
      const kept = request.replaces === undefined && old?.state === "CLAIMED" ? old : undefined;
      const record: ClaimedRecord = {
        ...{ id, owner, fingerprint, leaseUntilMs, expiresAtSeconds },
        scheme: request.scheme ?? old?.scheme,
        state: "CLAIMED",
        fence: (old?.fence ?? nowMs) + 1,
        claims: (kept?.claims ?? 0) + 1,
        startedAtMs: kept?.startedAtMs ?? nowMs,
        entityId: kept?.entityId ?? entityId,
        originFingerprint: kept?.originFingerprint ?? (request.rewrites && kept?.fingerprint),
        ...(kept?.steps && { steps: kept.steps }),
        ...(kept?.begunAtMs !== undefined && { begunAtMs: kept.begunAtMs }),
        ...(request.replaces?.state === "FREED" || kept ? refusedIn(old) : {}),
      };
      records.set(id, record);
      return { applied: true, record };
    },

    async complete({ response, expiresAtSeconds, ...request }) {
      const completion = { response, state: "COMPLETED", expiresAtSeconds } as const;
      if (request.claim === undefined) {
        return writeIfOwner(request, ({ id, owner, fence, fingerprint, scheme, entityId }) => ({
          ...{ id, owner, fence, fingerprint, scheme, entityId },
          ...completion,
        }));
      }
      const { id, owner, claim } = request;
      const record = records.get(id);
      if (record !== undefined) return { applied: false, record };
      const { fingerprint, scheme, nowMs, entityId } = claim;
      const compared = { fingerprint, scheme };
      records.set(id, { id, owner, fence: nowMs + 1, ...compared, entityId, ...completion });
      return { applied: true };
    },

    async checkpoint({ index, step, ...owned }) {
      return writeIfOwner(owned, ({ steps = [], ...claimed }) =>
        steps.length === index
          ? { ...claimed, steps: [...steps, step], expiresAtSeconds: undefined }
          : undefined,
      );
    },

    mark: ({ nowMs, ...owned }) =>
      writeIfOwner(owned, (claimed) =>
        hasEndedAt(claimed, nowMs)
          ? undefined
          : { ...claimed, begunAtMs: nowMs, expiresAtSeconds: undefined },
      ),

    release: (owned) => writeIfOwner(owned, (claimed) => ({ ...claimed, leaseUntilMs: 0 })),

    async free(request) {
      const { id, owner, expiresAtSeconds, refused } = request;
      const createFreed = (fence: number, fingerprint: string, old?: IdempotencyRecord) => ({
        ...{ id, owner, fence, fingerprint, expiresAtSeconds },
        state: "FREED" as const,
        ...addRefused(old, refused),
      });
      if (request.claim === undefined) {
        return writeIfOwner(request, (claimed) =>
          claimed.claims === request.claims && !hasBegun(claimed)
            ? createFreed(claimed.fence, claimed.fingerprint, claimed)
            : undefined,
        );
      }
      const { replaces, claim } = request;
      const { fingerprint, nowMs } = claim;
      const record = records.get(id);
      const isTaken =
        replaces === undefined
          ? record !== undefined
          : record === undefined || !isReplaced(record, replaces, nowMs);
      if (isTaken) return { applied: false, record };
      const fence = (record?.fence ?? nowMs) + 1;
      const freed = record?.state === "FREED" ? record : undefined;
      records.set(id, createFreed(fence, fingerprint, freed));
      return { applied: true };
    },

    extend: ({ leaseUntilMs, ...owned }) =>
      writeIfOwner(owned, (claimed) =>
        claimed.leaseUntilMs > 0 && claimed.leaseUntilMs < leaseUntilMs
          ? { ...claimed, leaseUntilMs }
          : undefined,
      ),

    read: async (id) => records.get(id),
  };
}

/** The refused requests that a record names, which a claim or another refusal keeps. */
function refusedIn(old: IdempotencyRecord | undefined): Pick<ClaimedRecord, "refused"> {
  const isKept = old?.state === "CLAIMED" || old?.state === "FREED";
  return isKept && old.refused ? { refused: old.refused } : {};
}

function addRefused(old: IdempotencyRecord | undefined, refused: string | undefined) {
  const earlier = refusedIn(old).refused ?? [];
  if (refused === undefined) return refusedIn(old);
  return { refused: [...new Set([...earlier, refused])] };
}

/** The condition of a claim. */
function mayClaim(old: IdempotencyRecord | undefined, request: ClaimRequest): boolean {
  const { owner, fingerprint, nowMs, takeover, onlyLapsed, replaces, rewrites, entityId } = request;
  if (replaces !== undefined) return old !== undefined && isReplaced(old, replaces, nowMs);
  if (rewrites !== undefined && !isNamed(old, rewrites)) return false;
  if (old === undefined) return !onlyLapsed;
  const suspendedUntilMs = rewrites?.suspendedUntilMs;
  const isSuspended = suspendedUntilMs !== undefined;
  return (
    old.owner !== owner &&
    old.state === "CLAIMED" &&
    (isSuspended ? old.leaseUntilMs === suspendedUntilMs : old.leaseUntilMs <= nowMs) &&
    (old.fingerprint === fingerprint || rewrites !== undefined) &&
    allowsTakeover(old, { takeover, hasEntity: entityId !== undefined }) &&
    (isSuspended || hasBegun(old) || !hasEndedAt(old, nowMs))
  );
}

/** Whether a record is exactly the replaced one, and still ended or freed. */
function isReplaced(record: IdempotencyRecord, replaces: ReplacedRecord, nowMs: number): boolean {
  if (!isNamed(record, replaces)) return false;
  if (record.state === "FREED") return true;
  if (!hasEndedAt(record, nowMs)) return false;
  return record.state !== "CLAIMED" || (record.leaseUntilMs <= nowMs && !hasBegun(record));
}

function isNamed(
  record: IdempotencyRecord | undefined,
  { owner, fence, state }: ReplacedRecord,
): boolean {
  return record?.owner === owner && record.fence === fence && record.state === state;
}

function hasEndedAt({ expiresAtSeconds = Infinity }: IdempotencyRecord, nowMs: number): boolean {
  return expiresAtSeconds <= Math.floor(nowMs / 1000);
}
