import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { RecordError } from "../errors.ts";
import {
  type ClaimedRecord,
  type IdempotencyRecord,
  RECORD_VERSION,
  type RecordedStep,
} from "../protocol/record.ts";
import type { ClaimRequest } from "../protocol/store.ts";
import { readText } from "./stored-text.ts";

export type Item = Record<string, AttributeValue>;

/**
 * Reads a record from the item that DynamoDB returned.
 *
 * An item that is not a record of a known version is refused, never guessed at: whatever wrote it
 * may know something about the money that this version does not.
 *
 * @throws RecordError
 */
export function readItem(item: Item): IdempotencyRecord {
  const version = number(item, "version");
  if (version !== RECORD_VERSION) {
    throw new RecordError(
      `The record has version ${version}; this version of the library reads version ${RECORD_VERSION}. Deploy the same version of the library everywhere.`,
    );
  }
  const common = {
    id: text(item, "id"),
    owner: text(item, "owner"),
    fence: number(item, "fence"),
    fingerprint: text(item, "fingerprint"),
    ...(item.entityId && { entityId: text(item, "entityId") }),
    ...(item.expiresAt && { expiresAtSeconds: number(item, "expiresAt") }),
  };
  const state = text(item, "state");
  switch (state) {
    case "CLAIMED":
      return {
        ...common,
        state,
        leaseUntilMs: number(item, "leaseUntil"),
        claims: claimsIn(item),
        ...(item.startedAt && { startedAtMs: number(item, "startedAt") }),
        ...(item.steps && { steps: stepsIn(item.steps) }),
      };
    case "COMPLETED":
      return { ...common, state, response: responseIn(item) };
    case "UNKNOWN":
      return { ...common, state };
    default:
      throw unreadable("state", "CLAIMED, COMPLETED or UNKNOWN", state);
  }
}

/**
 * The record that a claim has made, from the item in the place of which it is; `undefined` = the id
 * was unused. What the claim leaves as it was is in that item.
 *
 * @throws RecordError
 */
export function claimedRecord(claim: ClaimRequest, old: Item = {}): ClaimedRecord {
  const { id, owner, fingerprint, leaseUntilMs, expiresAtSeconds, nowMs } = claim;
  const entityId = old.entityId ? text(old, "entityId") : claim.entityId;
  return {
    ...{ state: "CLAIMED", id, owner, fingerprint, leaseUntilMs },
    fence: (old.fence ? number(old, "fence") : nowMs) + 1,
    claims: claimsIn(old) + 1,
    startedAtMs: old.startedAt ? number(old, "startedAt") : nowMs,
    ...(old.steps && { steps: stepsIn(old.steps) }),
    entityId,
    expiresAtSeconds,
  };
}

/** Freeing and completing start the count anew. */
function claimsIn(item: Item): number {
  return item.claims ? number(item, "claims") : 0;
}

function responseIn(item: Item): string {
  const response = readText(item.response);
  if (response === undefined) throw unreadable("response", "a text", item.response);
  return response;
}

/** @throws RecordError a step that cannot be read must not be taken for one that was never done. */
function stepsIn(steps: AttributeValue): RecordedStep[] {
  const found = steps.L?.map(({ M: step }) => stepIn(step ?? {}));
  if (found?.every((step) => step !== undefined)) return found;
  throw unreadable("steps", "a list of steps", steps);
}

function stepIn(step: Item): RecordedStep | undefined {
  const name = step.name?.S;
  const result = readText(step.result);
  if (name === undefined || (step.result && result === undefined)) return undefined;
  return { name, result };
}

function text(item: Item, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw unreadable(name, "a string", item[name]);
  return value;
}

function number(item: Item, name: string): number {
  const value = Number(item[name]?.N);
  if (!Number.isFinite(value)) throw unreadable(name, "a number", item[name]);
  return value;
}

function unreadable(name: string, expected: string, found: unknown): RecordError {
  return new RecordError(
    `The record's attribute "${name}" should be ${expected} but is ${describe(found)}. Is the table used by something else as well?`,
  );
}

function describe(found: unknown): string {
  if (found === undefined) return "missing";
  return typeof found === "string" ? `"${found}"` : `of type ${Object.keys(found as object)[0]}`;
}
