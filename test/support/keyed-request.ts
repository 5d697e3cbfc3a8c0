import { randomUUID } from "node:crypto";
import { ietf, memoryStore } from "../../lib/index.ts";
import type { Observation } from "../../lib/observe.ts";
import { allowedTakeover } from "../../lib/protocol/contract.ts";
import { enter } from "../../lib/protocol/enter.ts";
import type { KeyedRequest, Tools } from "../../lib/protocol/execution.ts";
import { idMemory } from "../../lib/protocol/id-memory.ts";
import type { ClaimedExecution } from "../../lib/protocol/settle.ts";
import type { CommitRequest, Store } from "../../lib/protocol/store.ts";
import { type ManualClock, manualClock } from "./clock.ts";

/** Tools over a memory store and a manual clock, with all that they observe. */
export interface TestTools extends Tools {
  readonly clock: ManualClock;
  readonly observed: Observation[];
}

export function createTools(
  changes: Partial<Omit<Tools, "clock" | "observe">> & { readonly clock?: ManualClock } = {},
): TestTools {
  const observed: Observation[] = [];
  return {
    store: memoryStore(),
    clock: manualClock(),
    randomUUID,
    observe: (observation) => observed.push(observation),
    observed,
    leaseMarginMs: 1_000,
    freedIds: idMemory(10),
    ...changes,
  };
}

/** A request of the profile `ietf`, unless the changes name another contract. */
export function createRequest(tools: Tools, changes: Partial<KeyedRequest> = {}): KeyedRequest {
  const contract = changes.contract ?? ietf();
  return {
    tools,
    contract,
    takeover: allowedTakeover(contract, "start"),
    id: "id",
    fingerprint: "same",
    remainingMs: () => 10_000,
    ...changes,
  };
}

/** Claims the record of a request. */
export async function claimFor(request: KeyedRequest): Promise<ClaimedExecution> {
  const entry = await enter(request);
  if (entry.kind !== "execute") throw new Error("The key is in use.");
  return entry.execution as ClaimedExecution;
}

/** The methods of a store that write. */
type WriteMethod = "claim" | "mark" | "checkpoint" | "complete" | "release" | "free" | "extend";

/**
 * A store that carries a write out and loses the reply; the SDK sends the write again, and its second
 * outcome is the outcome.
 */
export function losingReply(store: Store, method: WriteMethod): Store {
  const write = store[method] as (request: unknown, options?: unknown) => Promise<unknown>;
  return {
    ...store,
    async [method](request: unknown, options?: unknown) {
      await write(request, options);
      return write(request, options);
    },
  };
}

/**
 * A memory store that commits: the condition of the record comes first, then the business, then both
 * are applied.
 *
 * @param apply the business writes; it throws if a condition of theirs fails.
 */
export function committingStore(apply: (sent: CommitRequest) => void = () => {}): Store {
  const memory = memoryStore();
  return {
    ...memory,
    async commit(sent) {
      if (!("completion" in sent)) throw new Error("Only completions are committed here.");
      const { completion } = sent;
      const record = await memory.read(completion.id);
      const isMine = record?.owner === completion.owner && record.fence === completion.fence;
      const isApplied =
        completion.claim === undefined
          ? isMine && record.state === "CLAIMED"
          : record === undefined;
      if (!isApplied) return { applied: false, record };
      apply(sent);
      return memory.complete(completion);
    },
  };
}
