import type { Plan } from "./plan.ts";

/**
 * Leaves out of a plan what its violation does not need, one thing after the other, until nothing more
 * can be left out. fast-check shrinks numbers and lists; what a story needs is fewer events.
 *
 * @param isBroken whether a promise is still broken in a plan.
 */
export async function shorten(
  plan: Plan,
  isBroken: (plan: Plan) => Promise<boolean>,
): Promise<Plan> {
  for (const shorter of shorterThan(plan)) {
    if (await isBroken(shorter)) return shorten(shorter, isBroken);
  }
  return plan;
}

/** Each plan that is this one without one thing. */
function* shorterThan(plan: Plan): Generator<Plan> {
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
    for (const which of [0, turn.which - 1]) {
      if (which >= 0 && which < turn.which) {
        yield { ...plan, turns: turns.with(index, { ...turn, which }) };
      }
    }
  }
  if (skewsMs.some((skewMs) => skewMs !== 0)) yield { ...plan, skewsMs: [0, 0] };
  if (service.remembers) yield { ...plan, service: { ...service, remembers: false } };
  if (service.face !== "wrapper") yield { ...plan, service: { ...service, face: "wrapper" } };
}
