import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import * as abandoned from "../../../lib/dynamodb/abandoned.ts";
import { claimRequest } from "../../../lib/dynamodb/claim-request.ts";
import * as expressions from "../../../lib/dynamodb/expressions.ts";
import { VARIANTS } from "../../../proof/model/variants.ts";
import { RECORDS } from "../../support/table.ts";

const model = readFileSync(new URL("../../../proof/model/protocol.pml", import.meta.url), "utf8");

const CLAIM = {
  id: "id",
  owner: "me",
  fence: 1,
  fingerprint: "f",
  nowMs: 1_000,
  leaseUntilMs: 2_000,
  expiresAtSeconds: 3,
  // The ids of entities are not modelled: a claim without one has one atom more.
  entityId: "e",
};
const COMPLETE = { ...CLAIM, response: "r" };
const CHECKPOINT = { ...CLAIM, step: { name: "a" } };
const UNCLAIMED = { ...CLAIM, fence: undefined, claim: CLAIM };
const ABANDONED = { id: "id", owner: "me", fence: 1, claims: 1 };
/** A record that has ended, or was freed, in each state. */
const SEEN = (["CLAIMED", "COMPLETED", "UNKNOWN", "FREED"] as const).map((state) => ({
  owner: "seen",
  fence: 1,
  state,
}));

const CONDITIONS = [
  ...(["never", "restart", "resume"] as const).map((takeover) =>
    claimRequest(RECORDS, { ...CLAIM, takeover }),
  ),
  claimRequest(RECORDS, { ...CLAIM, takeover: "resume", onlyLapsed: true }),
  // Of a lapsed claim that is rewritten, also of release 0.1.
  ...(["restart", "resume"] as const).flatMap((takeover) =>
    [undefined, true as const].map((isOld) => {
      const rewrites = { owner: "seen", fence: 1, state: "CLAIMED", isOld } as const;
      return claimRequest(RECORDS, { ...CLAIM, takeover, rewrites });
    }),
  ),
  ...SEEN.map((replaces) => claimRequest(RECORDS, { ...CLAIM, takeover: "restart", replaces })),
  expressions.completeRequest(RECORDS, COMPLETE),
  // With writes.
  expressions.completeRequest(RECORDS, COMPLETE, 1_000),
  // The completion of an execution that has claimed nothing.
  expressions.completeRequest(RECORDS, { ...UNCLAIMED, response: "r" }),
  ...[0, 1].flatMap((index) => [
    expressions.checkpointRequest(RECORDS, { ...CHECKPOINT, index }),
    expressions.checkpointRequest(RECORDS, { ...CHECKPOINT, index }, 1_000),
  ]),
  expressions.markRequest(RECORDS, CLAIM),
  expressions.releaseRequest(RECORDS, CLAIM),
  expressions.freeRequest(RECORDS, { ...CLAIM, claims: 1 }),
  // The refusal of an execution that has claimed nothing.
  expressions.freeRequest(RECORDS, UNCLAIMED),
  ...SEEN.map((replaces) => expressions.freeRequest(RECORDS, { ...UNCLAIMED, replaces })),
  abandoned.unknownRequest(RECORDS, ABANDONED, "name", 1_000),
  abandoned.stuckRequest(RECORDS, ABANDONED, "name", 1_000),
  abandoned.releaseUnbegunRequest(RECORDS, ABANDONED, 1_000),
].map(({ ConditionExpression = "" }) => ConditionExpression);

/** Names in the model for parts of conditions: in place of the part, an arm has its name. */
const PARTS = [...model.matchAll(/^ \* {3}([A-Z_]+) = (.+)$/gm)].map(
  ([, name = "", part = ""]) => ({
    name,
    part,
  }),
);

function nameParts(condition: string): string {
  return PARTS.reduce((text, { name, part }) => text.replaceAll(part, name), condition);
}

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
  const conditions = CONDITIONS.map(nameParts);
  const arms = new Set(conditions.flatMap(splitArms).map((atoms) => atoms.join(" AND ")));
  const modelled = [...model.matchAll(/ arm: (.+)/g)].map(([, arm]) => arm);
  expect(modelled.sort()).toEqual([...arms].sort());
  expect(arms.size).toBe(20);
  expect(PARTS).toHaveLength(7);
});

test("every atom of every condition stands beside its counterpart in the model", () => {
  const atoms = new Set(CONDITIONS.flatMap(splitArms).flat());
  const inActions = model.replaceAll(/ arm: .+/g, "").replaceAll(/^ \* {3}[A-Z_]+ = .+/gm, "");
  expect([...atoms].filter((atom) => !inActions.includes(atom))).toEqual([]);
});

test("every safeguard that the model can leave out is left out by a variant", () => {
  const names = [...model.matchAll(/#define (\w+) \(planted == \d+\)/g)].map(([, name]) => name);
  const leftOut = VARIANTS.flatMap(({ options }) => options.without ?? []);
  expect([...new Set(leftOut)].sort()).toEqual(names.sort());
});

test("a claim without the id of an entity asks for one atom more", () => {
  const conditionOf = (entityId: string | undefined) =>
    claimRequest(RECORDS, { ...CLAIM, entityId, takeover: "restart" }).ConditionExpression ?? "";
  const atom = " AND attribute_not_exists(#entityId)";
  expect(conditionOf(undefined)).toContain(atom);
  expect(conditionOf(undefined).replace(atom, "")).toBe(conditionOf("e"));
});

test("a condition is taken apart into its arms", () => {
  expect(splitArms("#a = :a AND (#b = :b OR (#c = :c AND size(#d) = :d)) OR exists(#e)")).toEqual([
    ["#a = :a", "#b = :b"],
    ["#a = :a", "#c = :c", "size(#d) = :d"],
    ["exists(#e)"],
  ]);
});

test("every write has its action in the model, except writes that change only a time", () => {
  const onlyTimes = ["extendRequest", "postponeRequest", "attemptRequest"];
  const reads = ["readRequest", "dueRequest", "stuckCountRequest"];
  const names = [...Object.keys(expressions), ...Object.keys(abandoned), "claimRequest"];
  const writes = names.filter(
    (name) => name.endsWith("Request") && !reads.includes(name) && !onlyTimes.includes(name),
  );
  expect(writes.filter((name) => !model.includes(`inline ${name}(`))).toEqual([]);
  expect(writes).toHaveLength(9);
});

test("every state of a record is a state of the model", () => {
  const item = readFileSync(new URL("../../../lib/protocol/record.ts", import.meta.url), "utf8");
  const states = [...item.matchAll(/readonly state: "(\w+)"/g)].map(([, state]) => state);
  expect(states.sort()).toEqual(["CLAIMED", "COMPLETED", "FREED", "UNKNOWN"]);
  expect(model).toContain("mtype = { CLAIMED, COMPLETED, UNKNOWN, FREED }");
});
