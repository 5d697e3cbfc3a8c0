import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { RecordError } from "../errors.ts";
import {
  type ClaimedRecord,
  type IdempotencyRecord,
  OLD_RECORD_VERSION,
  RECORD_VERSION,
  type RecordedStep,
} from "../protocol/record.ts";
import type { ClaimRequest } from "../protocol/store.ts";
import { isSetAside } from "./due-partition.ts";
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
  if (version !== RECORD_VERSION && version !== OLD_RECORD_VERSION) {
    throw new RecordError(
      `The record has version ${version}; this version of the library reads versions ${OLD_RECORD_VERSION} and ${RECORD_VERSION}. Deploy the same version of the library everywhere.`,
    );
  }
  // In version 1 the attribute for TTL was also the end of the record.
  const end = version === OLD_RECORD_VERSION ? "expiresAt" : "endsAt";
  const common = {
    id: text(item, "id"),
    owner: text(item, "owner"),
    fence: wholeNumber(item, "fence"),
    fingerprint: text(item, "fingerprint"),
    ...(item.scheme && { scheme: text(item, "scheme") }),
    ...(item.entityId && { entityId: text(item, "entityId") }),
    ...(item.expiresAt && { expiresAtSeconds: wholeNumber(item, end) }),
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
        ...(item.begun && { begunAtMs: wholeNumber(item, "begun") }),
        ...(item.origin && { originFingerprint: text(item, "origin") }),
        ...refusedIn(item),
        ...(version === OLD_RECORD_VERSION && { isOld: true }),
      };
    case "COMPLETED":
      return { ...common, state, response: storedText(item, "response") };
    case "UNKNOWN":
      return { ...common, state };
    case "FREED":
      return { ...common, state, ...refusedIn(item) };
    default:
      throw unreadable("state", "CLAIMED, COMPLETED, UNKNOWN or FREED", state);
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
  const fence = (old.fence ? wholeNumber(old, "fence") : nowMs) + 1;
  const scheme = claim.scheme ?? (old.scheme && text(old, "scheme"));
  const record = { id, owner, fence, fingerprint, scheme, leaseUntilMs, expiresAtSeconds };
  // Nothing of a replaced record reaches the new request.
  const kept = claim.replaces === undefined ? old : {};
  return {
    ...record,
    state: "CLAIMED",
    claims: claimsIn(kept) + 1,
    startedAtMs: kept.startedAt ? wholeNumber(kept, "startedAt") : nowMs,
    ...(kept.steps && { steps: stepsIn(kept.steps) }),
    ...(claim.rewrites?.isOld && claim.takeover === "resume" && { begunAtMs: nowMs }),
    ...(kept.begun && { begunAtMs: wholeNumber(kept, "begun") }),
    ...(claim.rewrites && { originFingerprint: text(old, "fingerprint") }),
    ...(isNotLookedAt(kept) && { notLookedAtSinceMs: wholeNumber(kept, "due") }),
    ...(kept.origin && { originFingerprint: text(kept, "origin") }),
    entityId: kept.entityId ? text(kept, "entityId") : claim.entityId,
  };
}

/** @throws RecordError because an unreadable list must not be taken for none. */
function refusedIn({ refused }: Item): { readonly refused?: readonly string[] } {
  if (refused === undefined) return {};
  if (refused.SS === undefined) throw unreadable("refused", "a set of texts", refused);
  return { refused: refused.SS };
}

/** A completer counts its attempts, and sets aside the claims that it does not try. */
function isNotLookedAt({ due, attempts, function: partition }: Item): boolean {
  return due !== undefined && attempts === undefined && !isSetAside(partition?.S ?? "");
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
