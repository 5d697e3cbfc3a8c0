import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { RecordError } from "../errors.ts";
import {
  type ClaimedRecord,
  type IdempotencyRecord,
  RECORD_VERSION,
  type RecordedStep,
} from "../protocol/record.ts";
import type { ClaimRequest } from "../protocol/store.ts";
import { storedText, text, unreadable, wholeNumber } from "./fields.ts";
import { MOST_TEXT_BYTES, readText } from "./stored-text.ts";

export type Item = Record<string, AttributeValue>;

/**
 * Reads a record from the item that DynamoDB returned.
 *
 * An item that is not a record of a known version is refused, never guessed at: its writer may know
 * something about the money that this version does not.
 *
 * @throws RecordError
 */
export function readItem(item: Item): IdempotencyRecord {
  const version = wholeNumber(item, "version");
  if (version !== RECORD_VERSION) {
    throw new RecordError(
      `The record has version ${version}; this version of the library reads version ${RECORD_VERSION}. Deploy the same version of the library everywhere.`,
    );
  }
  const common = {
    id: text(item, "id"),
    owner: text(item, "owner"),
    fence: wholeNumber(item, "fence"),
    fingerprint: text(item, "fingerprint"),
    ...(item.entityId && { entityId: text(item, "entityId") }),
    ...(item.expiresAt && { expiresAtSeconds: wholeNumber(item, "expiresAt") }),
  };
  const state = text(item, "state");
  switch (state) {
    case "CLAIMED":
      return {
        ...common,
        state,
        leaseUntilMs: wholeNumber(item, "leaseUntil"),
        claims: claimsIn(item),
        ...(item.startedAt && { startedAtMs: wholeNumber(item, "startedAt") }),
        ...(item.steps && { steps: stepsIn(item.steps) }),
      };
    case "COMPLETED":
      return { ...common, state, response: storedText(item, "response") };
    case "UNKNOWN":
      return { ...common, state };
    default:
      throw unreadable("state", "CLAIMED, COMPLETED or UNKNOWN", state);
  }
}

/**
 * The record that a claim has made, from the item that it replaced; `undefined` = the id was
 * unused. A claim does not return the attributes it leaves alone, so they are read from the old
 * item.
 *
 * @throws RecordError
 */
export function claimedRecord(claim: ClaimRequest, old: Item = {}): ClaimedRecord {
  const { id, owner, fingerprint, leaseUntilMs, expiresAtSeconds, nowMs } = claim;
  const entityId = old.entityId ? text(old, "entityId") : claim.entityId;
  return {
    ...{ state: "CLAIMED", id, owner, fingerprint, leaseUntilMs },
    fence: (old.fence ? wholeNumber(old, "fence") : nowMs) + 1,
    claims: claimsIn(old) + 1,
    startedAtMs: old.startedAt ? wholeNumber(old, "startedAt") : nowMs,
    ...(old.steps && { steps: stepsIn(old.steps) }),
    entityId,
    expiresAtSeconds,
  };
}

/** Freeing and completing start the count anew. */
function claimsIn(item: Item): number {
  return item.claims ? wholeNumber(item, "claims") : 0;
}

/**
 * All steps together were below DynamoDB's limit when they were recorded. A longer text is not this
 * layer's, and is not unpacked.
 *
 * @throws RecordError because an unreadable step must not be taken for a missing one.
 */
function stepsIn(steps: AttributeValue): RecordedStep[] {
  let leftBytes = MOST_TEXT_BYTES;
  const found: RecordedStep[] = [];
  for (const { M: step = {} } of steps.L ?? [{}]) {
    const name = step.name?.S;
    const result = readText(step.result, leftBytes);
    if (name === undefined || (step.result && result === undefined)) {
      throw unreadable("steps", "a list of steps", steps);
    }
    leftBytes -= Buffer.byteLength(name) + Buffer.byteLength(result ?? "");
    found.push({ name, result });
  }
  return found;
}
