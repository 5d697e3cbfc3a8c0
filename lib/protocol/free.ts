import { judgeAfterHandler, waitForLiveClaim } from "./after-handler.ts";
import { claim, claimantOf, nameRecord } from "./claim.ts";
import { refusalName } from "./comparison.ts";
import { settleOvertaken } from "./complete.ts";
import type { Execution, Exit } from "./execution.ts";
import { patiently } from "./patience.ts";
import type { IdempotencyRecord } from "./record.ts";
import { refuse, replayOrRefuse } from "./replay-or-refuse.ts";
import { freedUntilSeconds } from "./retention.ts";
import type { ClaimedExecution } from "./settle.ts";
import type { FreeRequest, ReplacedRecord } from "./store.ts";

/**
 * The end of a refused request: the refusal stands, a replay or another refusal takes its place, or the
 * work has begun, and the refusal must be recorded under the claim of the given execution.
 */
export type Freed = Exit | { readonly kind: "begun"; readonly execution: ClaimedExecution };

/** The rounds of writes whose record changes each time, until the client is told to come again. */
const MOST_ROUNDS = 4;

/**
 * Ends a request that the handler refused for good before it had an effect: the key is unused again.
 *
 * The refusal is given only once the record says so. Otherwise an earlier execution of the same request
 * could still commit, after its client was told that the request is refused:
 *
 *     first      claim ── (sleeps) ─────────────────────────────── commit: refused
 *     retry              lease lapses ── claim ── FREE ── 422
 */
export async function free(execution: Execution): Promise<Freed> {
  const { request, fence } = execution;
  try {
    return fence === undefined
      ? await freeUnclaimed(execution)
      : await freeClaim({ ...execution, fence }, refusalName(execution));
  } catch (cause) {
    return refuse(request, { code: "outcome_not_recorded", cause });
  }
}

/**
 * Frees a claim under which nothing has happened.
 *
 * @param refused the name of the request, if its client is told that it is refused for good.
 */
export async function freeClaim(execution: ClaimedExecution, refused?: string): Promise<Freed> {
  const { request, owner, fence, claims } = execution;
  const { id, tools } = request;
  const expiresAtSeconds = freedUntilSeconds(tools.clock.now());
  const record = await send(execution, { id, owner, fence, claims, expiresAtSeconds, refused });
  if (record === "freed") return stand(execution);
  const isOwn = record?.state === "CLAIMED" && record.owner === owner && record.fence === fence;
  // Another execution held the claim in between, or a step is recorded.
  return isOwn ? { kind: "begun", execution } : settleOvertaken(execution, record);
}

/**
 * Nothing was claimed: the record that says "freed" is written now. A commit of an earlier execution
 * then finds it, in place of an id without a record.
 */
async function freeUnclaimed(execution: Execution): Promise<Freed> {
  const { request, owner, fingerprint, scheme } = execution;
  const { id, tools } = request;
  let replaces: ReplacedRecord | undefined;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const nowMs = Math.floor(tools.clock.now());
    const record = await send(execution, {
      ...{ id, owner, replaces },
      claim: { fingerprint, scheme, nowMs },
      expiresAtSeconds: freedUntilSeconds(nowMs),
      refused: refusalName(execution),
    });
    if (record === "freed") return stand(execution);
    const verdict = judgeAfterHandler(record, execution);
    switch (verdict.kind) {
      case "absent":
        replaces = undefined;
        break;
      case "freed":
      case "ended":
        replaces = nameRecord(verdict.record);
        break;
      // Its own is the claim of a commit that the business refused.
      case "own":
      case "lapsed": {
        // A claim in the place of a freed record would hide it from the commit of an earlier execution.
        const taken = await claim(request, claimantOf(execution), () => false);
        if ("execution" in taken) {
          return { kind: "begun", execution: taken.execution as ClaimedExecution };
        }
        if (taken.verdict.kind !== "freed") {
          return replayOrRefuse(request, waitForLiveClaim(taken.verdict, tools.clock.now()));
        }
        replaces = nameRecord(taken.verdict.record);
        break;
      }
      default:
        return replayOrRefuse(request, verdict);
    }
  }
  return refuse(request, { code: "request_in_flight" });
}

/** @returns the record in the way. */
async function send(
  { request, owner }: Execution,
  free: FreeRequest,
): Promise<"freed" | IdempotencyRecord | undefined> {
  const { store } = request.tools;
  const written = await patiently(request, (options) => store.free(free, options));
  if (written.applied) return "freed";
  const { record } = written;
  // The reply to an earlier send was lost. An earlier FREED of this owner, which gave the claim of a
  // refused commit back, is not this one: another execution may have seen it, and may commit over it.
  const fence = "fence" in free ? free.fence : (free.replaces?.fence ?? Number.NaN) + 1;
  const isOwn = record?.state === "FREED" && record.owner === owner && record.fence === fence;
  return isOwn ? "freed" : record;
}

function stand({ request, fence }: Execution): Exit {
  request.tools.observe({ kind: "freed", recordId: request.id, fence });
  return { kind: "stands" };
}
