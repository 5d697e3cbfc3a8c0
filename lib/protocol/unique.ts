import { digest } from "./digest.ts";
import type { Execution, KeyedRequest, Tools } from "./execution.ts";

/*
 * No text that must be unique is random alone. Processes that are restored from one snapshot, or
 * cloned, draw the same numbers. Two of them would have one owner, and each would take the other's
 * claim for its own:
 *
 *     clone 1    owner X ── claim: applied ────────────────────────── handler runs
 *     clone 2    owner X ───────── claim: refused by X, "own claim" ─ handler runs as well
 */

/** Grows with every unique text of this process. */
let serial = 0;

/**
 * A text that no other execution has: from random numbers, from the id of the invocation, which
 * Lambda gives, and from a counter of this process.
 *
 * @param purpose texts for different purposes never meet.
 */
export function uniqueText(
  purpose: "owner" | "keyless record id",
  { randomUUID }: Pick<Tools, "randomUUID">,
  { invocationId = "" }: Pick<KeyedRequest, "invocationId">,
): string {
  serial += 1;
  return digest(purpose, [randomUUID(), invocationId, String(serial)]);
}

/**
 * The id of the entity that a request creates. It follows from the id of its record, so that every
 * attempt has the same id, whether or not it knows of the others.
 *
 * @returns a UUID of version 8 (RFC 9562 leaves its other bits to the application).
 */
export function entityIdFor(recordId: string): string {
  const bytes = Buffer.from(digest("entity id", [recordId]), "base64url").subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...groups, hex.slice(20)].join("-");
}

/** The number of transactions that each execution has begun. */
const transactions = new WeakMap<Execution, number>();

/** Characters of the longest token that DynamoDB accepts. */
const TOKEN_LENGTH = 36;

/**
 * The token of the next transaction of an execution, for every send of it. It follows from the owner,
 * the fence and the number of the transaction, so that no other transaction has it.
 */
export function nextToken(execution: Execution): string {
  const number = (transactions.get(execution) ?? 0) + 1;
  transactions.set(execution, number);
  const { owner, fence } = execution;
  const parts = [owner, fence === undefined ? "" : String(fence), String(number)];
  return digest("commit token", parts).slice(0, TOKEN_LENGTH);
}
