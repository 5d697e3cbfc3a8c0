import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import * as abandoned from "../../../lib/dynamodb/abandoned.ts";
import * as expressions from "../../../lib/dynamodb/expressions.ts";
import type { ClaimRequest } from "../../../lib/protocol/store.ts";
import { RECORDS } from "../../support/table.ts";

const model = readFileSync(new URL("../../../proof/model/protocol.pml", import.meta.url), "utf8");

const CLAIM: ClaimRequest = {
  id: "id",
  owner: "me",
  fingerprint: "f",
  nowMs: 1_000,
  leaseUntilMs: 2_000,
  expiresAtSeconds: 3,
  takeover: "allowed",
};
const ABANDONED = { id: "id", owner: "me", attempts: 0, event: undefined };

const CONDITIONS = [
  ...(["allowed", "never", "only"] as const).map((takeover) =>
    expressions.claimRequest(RECORDS, { ...CLAIM, takeover }),
  ),
  expressions.completeRequest(RECORDS, { ...CLAIM, response: "r" }),
  // The completion of an execution that has claimed nothing.
  expressions.completeRequest(RECORDS, { ...CLAIM, response: "r", claim: CLAIM }),
  ...[0, 1].map((index) =>
    expressions.checkpointRequest(RECORDS, { ...CLAIM, index, step: { name: "a" } }),
  ),
  expressions.releaseRequest(RECORDS, CLAIM),
  expressions.freeRequest(RECORDS, { ...CLAIM, claims: 1, expiresAtSeconds: 1 }),
  abandoned.unknownRequest(RECORDS, ABANDONED, 1_000),
].map(({ ConditionExpression = "" }) => ConditionExpression);

/** Splits a condition into its arms (the cases in which it holds), and each arm into its atoms. */
function splitArms(condition: string): string[][] {
  const disjuncts = splitOutside(condition, " OR ");
  if (disjuncts.length > 1) return disjuncts.flatMap(splitArms);
  const conjuncts = splitOutside(condition, " AND ");
  if (conjuncts.length > 1) {
    return conjuncts
      .map(splitArms)
      .reduce((arms, more) => arms.flatMap((arm) => more.map((one) => [...arm, ...one])));
  }
  return condition.startsWith("(") ? splitArms(condition.slice(1, -1)) : [[condition]];
}

/** Splits where no bracket is open. */
function splitOutside(condition: string, joint: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < condition.length; at += 1) {
    if (condition[at] === "(") depth += 1;
    if (condition[at] === ")") depth -= 1;
    if (depth > 0 || !condition.startsWith(joint, at)) continue;
    parts.push(condition.slice(from, at));
    from = at + joint.length;
  }
  return [...parts, condition.slice(from)];
}

test("the model has every arm of every condition, and no other", () => {
  const arms = new Set(CONDITIONS.flatMap(splitArms).map((atoms) => atoms.join(" AND ")));
  const modelled = [...model.matchAll(/ arm: (.+)/g)].map(([, arm]) => arm);
  expect(modelled.sort()).toEqual([...arms].sort());
  expect(arms.size).toBe(9);
});

test("every atom of every condition stands beside its counterpart in the model", () => {
  const atoms = new Set(CONDITIONS.flatMap(splitArms).flat());
  const inActions = model.replaceAll(/ arm: .+/g, "");
  expect([...atoms].filter((atom) => !inActions.includes(atom))).toEqual([]);
});

test("a condition is taken apart into its arms", () => {
  expect(splitArms("#a = :a AND (#b = :b OR (#c = :c AND size(#d) = :d)) OR exists(#e)")).toEqual([
    ["#a = :a", "#b = :b"],
    ["#a = :a", "#c = :c", "size(#d) = :d"],
    ["exists(#e)"],
  ]);
});

test("every write has its action in the model, except writes that change only a time", () => {
  const onlyTimes = ["extendRequest", "postponeRequest"];
  const reads = ["readRequest", "dueRequest"];
  const writes = [...Object.keys(expressions), ...Object.keys(abandoned)].filter(
    (name) => name.endsWith("Request") && !reads.includes(name) && !onlyTimes.includes(name),
  );
  expect(writes.filter((name) => !model.includes(`inline ${name}(`))).toEqual([]);
  expect(writes).toHaveLength(6);
});

test("every state of a record is a state of the model", () => {
  const item = readFileSync(new URL("../../../lib/protocol/record.ts", import.meta.url), "utf8");
  const states = [...item.matchAll(/readonly state: "(\w+)"/g)].map(([, state]) => state);
  expect(states.sort()).toEqual(["CLAIMED", "COMPLETED", "UNKNOWN"]);
  expect(model).toContain("mtype = { CLAIMED, COMPLETED, UNKNOWN }");
});
