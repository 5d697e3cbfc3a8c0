import type { HistoryPlan } from "./plan.ts";

/**
 * Removes from a plan each part that its violation does not need, one at a time, until every part is
 * needed. fast-check shrinks numbers and lists; a short story needs fewer events.
 *
 * @param isBroken whether a promise is still broken in a plan.
 */
export async function shorten(
  plan: HistoryPlan,
  isBroken: (plan: HistoryPlan) => Promise<boolean>,
): Promise<HistoryPlan> {
  for (const shorter of listShorterPlans(plan)) {
    if (await isBroken(shorter)) return shorten(shorter, isBroken);
  }
  return plan;
}

/** Lists each plan that is this one without one part. */
function* listShorterPlans(plan: HistoryPlan): Generator<HistoryPlan> {
  const { requests, turns, service, skewsMs } = plan;
  for (const [index, request] of requests.entries()) {
    if (requests.length > 1) yield { ...plan, requests: requests.toSpliced(index, 1) };
    if (request.tenant !== "alice") {
      yield { ...plan, requests: requests.with(index, { ...request, tenant: "alice" }) };
    }
    if (request.fortune !== "pays") {
      yield { ...plan, requests: requests.with(index, { ...request, fortune: "pays" }) };
    }
  }
  for (const [index, turn] of turns.entries()) {
    yield { ...plan, turns: turns.toSpliced(index, 1) };
    for (const choice of [0, turn.choice - 1]) {
      if (choice >= 0 && choice < turn.choice) {
        yield { ...plan, turns: turns.with(index, { ...turn, choice }) };
      }
    }
  }
  if (skewsMs.some((skewMs) => skewMs !== 0)) yield { ...plan, skewsMs: [0, 0] };
  if (service.remembers) yield { ...plan, service: { ...service, remembers: false } };
  if (!service.knowsTime) yield { ...plan, service: { ...service, knowsTime: true } };
  if (service.face !== "wrapper") yield { ...plan, service: { ...service, face: "wrapper" } };
}
