import { type HttpResponse, type IdempotencyContext, isCommitRefused } from "../../lib/index.ts";
import type { Problem } from "../http/problem.ts";
import { refusalProblem } from "../http/refusal-problem.ts";
import { transferRefusal, transferWrites } from "../ledger/transfers.ts";
import type { LedgerWrite } from "../ledger/write.ts";
import type { Transfer } from "./transfer.ts";

/** A transfer to make. */
export interface TransferOrder {
  readonly ledgerTable: string;
  readonly transfer: Transfer;
  /** The holder of the account to debit. */
  readonly holder: string;
  /** Further writes of the same transaction. */
  readonly also?: readonly LedgerWrite[];
}

/** The responses for a transfer, in the form of one API. */
export interface TransferResponses {
  readonly made: HttpResponse;
  readonly refused: (problem: Problem) => HttpResponse;
}

/** Makes a transfer in one transaction with the idempotency record, and returns its response. */
export async function commitTransfer(
  { commit }: IdempotencyContext,
  { ledgerTable, transfer, holder, also = [] }: TransferOrder,
  { made, refused }: TransferResponses,
): Promise<HttpResponse> {
  try {
    return await commit([...transferWrites(ledgerTable, transfer, holder), ...also], made);
  } catch (error) {
    const refusal = isCommitRefused(error) && transferRefusal(error, transfer, holder);
    if (!refusal) throw error;
    // Returned and not thrown: a returned refusal of the ledger is stored, and every repeat gets it.
    return refused(refusalProblem(refusal, transfer));
  }
}
