import { type HttpResponse, type IdempotencyContext, isCommitRefused } from "../../lib/index.ts";
import type { Problem } from "../http/problem.ts";
import { refusalProblem } from "../http/refusal-problem.ts";
import { transferRefusal, transferWrites } from "../ledger/transfers.ts";
import type { LedgerWrite } from "../ledger/write.ts";
import type { Transfer } from "./transfer.ts";

/** A transfer that is to be made. */
export interface TransferOrder {
  readonly ledgerTable: string;
  readonly transfer: Transfer;
  /** Whose account is debited. */
  readonly holder: string;
  /** What is written with it. */
  readonly also?: readonly LedgerWrite[];
}

/** The words of one API for what comes of a transfer. */
export interface TransferAnswers {
  readonly made: HttpResponse;
  readonly refused: (problem: Problem) => HttpResponse;
}

/** Makes a transfer, in one transaction with the idempotency record, and answers what came of it. */
export async function commitTransfer(
  { commit }: IdempotencyContext,
  { ledgerTable, transfer, holder, also = [] }: TransferOrder,
  { made, refused }: TransferAnswers,
): Promise<HttpResponse> {
  try {
    return await commit([...transferWrites(ledgerTable, transfer, holder), ...also], made);
  } catch (error) {
    const refusal = isCommitRefused(error) && transferRefusal(error, transfer, holder);
    if (!refusal) throw error;
    // Returned and not thrown: the ledger has been asked, and every repeat gets the same answer.
    return refused(refusalProblem(refusal, transfer));
  }
}
