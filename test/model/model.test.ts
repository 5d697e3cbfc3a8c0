import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import * as abandoned from "../../lib/dynamodb/abandoned.ts";
import * as expressions from "../../lib/dynamodb/expressions.ts";
import type { ClaimRequest } from "../../lib/protocol/store.ts";

const model = readFileSync(new URL("../../model/protocol.pml", import.meta.url), "utf8");

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
    expressions.claimRequest("t", { ...CLAIM, takeover }),
  ),
  expressions.completeRequest("t", { ...CLAIM, response: "r" }),
  ...[0, 1].map((index) =>
    expressions.checkpointRequest("t", { ...CLAIM, index, step: { name: "a" } }),
  ),
  expressions.releaseRequest("t", CLAIM),
  expressions.freeRequest("t", { ...CLAIM, claims: 1, expiresAtSeconds: 1 }),
  abandoned.unknownRequest("t", ABANDONED, 1_000),
].map(({ ConditionExpression = "" }) => ConditionExpression);

/** The comparisons and functions of a condition, without what joins them. */
function atomsOf(condition: string): string[] {
  return condition.split(/ AND | OR /).map((part) => {
    const atom = part.replace(/^\(+/, "");
    // What closes more than it has opened belongs to the whole.
    return /\(/.test(atom) ? atom.replace(/\)+$/, ")") : atom.replace(/\)+$/, "");
  });
}

test("every atom of every condition has its counterpart in the model", () => {
  const atoms = new Set(CONDITIONS.flatMap(atomsOf));
  expect([...atoms].filter((atom) => !model.includes(atom))).toEqual([]);
  expect(atoms.size).toBeGreaterThanOrEqual(8);
});

test("every write has its action in the model, but those that move nothing but a time", () => {
  const onlyTimes = ["extendRequest", "postponeRequest"];
  const reads = ["readRequest", "dueRequest"];
  const writes = [...Object.keys(expressions), ...Object.keys(abandoned)].filter(
    (name) => name.endsWith("Request") && !reads.includes(name) && !onlyTimes.includes(name),
  );
  expect(writes.filter((name) => !model.includes(`inline ${name}(`))).toEqual([]);
  expect(writes).toHaveLength(6);
});

test("every state of a record is a state of the model", () => {
  const item = readFileSync(new URL("../../lib/protocol/record.ts", import.meta.url), "utf8");
  const states = [...item.matchAll(/readonly state: "(\w+)"/g)].map(([, state]) => state);
  expect(states.sort()).toEqual(["CLAIMED", "COMPLETED", "UNKNOWN"]);
  expect(model).toContain("mtype = { CLAIMED, COMPLETED, UNKNOWN }");
});
