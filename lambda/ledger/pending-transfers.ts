import type { Transfer } from "../transfers/transfer.ts";
import type { LedgerRefusal } from "./refusal.ts";
import { transferEntry, transferKey, transferPostings } from "./transfers.ts";
import { type LedgerWrite, putNew } from "./write.ts";

/*
 * Transfers that were accepted before they were made: the entry `transfer/<id>` is there at once, with
 * {status: "pending"}. It becomes "made" with the movement, or "refused" with the reason, once.
 */

/** Accepts a transfer: its holder finds it, and no money has moved. */
export function acceptWrite(tableName: string, transfer: Transfer, holder: string): LedgerWrite {
  return putNew(tableName, { ...transferEntry(transfer, holder), status: "pending" });
}

/**
 * Makes an accepted transfer: the writes of `transferWrites`, but the entry is there already.
 * `transferRefusal` reads their refusals.
 */
export function makeWrites(
  tableName: string,
  transfer: Transfer,
  holder: string,
): readonly LedgerWrite[] {
  return [
    ...transferPostings(tableName, transfer, holder),
    settle(tableName, transfer.id, { status: "made" }),
  ];
}

/** Refuses an accepted transfer, for good. */
export function refuseWrite(
  tableName: string,
  { id }: Transfer,
  reason: LedgerRefusal["kind"],
): LedgerWrite {
  return settle(tableName, id, { status: "refused", reason });
}

/** Only a pending transfer is settled: the ledger's own word that the money moves once. */
function settle(
  tableName: string,
  id: string,
  { status, reason }: { readonly status: "made" | "refused"; readonly reason?: string },
): LedgerWrite {
  return {
    Update: {
      TableName: tableName,
      Key: { id: transferKey(id) },
      UpdateExpression: `SET #status = :status${reason === undefined ? "" : ", #reason = :reason"}`,
      ConditionExpression: "#status = :pending",
      ExpressionAttributeNames: {
        "#status": "status",
        ...(reason !== undefined && { "#reason": "reason" }),
      },
      ExpressionAttributeValues: {
        ":status": status,
        ":pending": "pending",
        ...(reason !== undefined && { ":reason": reason }),
      },
    },
  };
}
