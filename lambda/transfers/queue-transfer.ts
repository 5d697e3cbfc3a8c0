import type { Context } from "aws-lambda";
import type { HttpResponse, WithIdempotency } from "../../lib/index.ts";
import { type AuthorizedEvent, requireHolder } from "../auth/account-holder.ts";
import { requiredVariable } from "../environment.ts";
import { acceptWrite } from "../ledger/pending-transfers.ts";
import { newTransfer, type Transfer } from "./transfer.ts";
import { transferAccepted } from "./transfer-answer.ts";
import { enqueue } from "./transfer-queue.ts";
import { readTransferRequest } from "./transfer-request.ts";

const ledgerTable = requiredVariable("LEDGER_TABLE");
const queueUrl = requiredVariable("TRANSFERS_QUEUE_URL");

/**
 * Accepts a transfer to be made later. The queue is outside of DynamoDB, so the claim comes first, and the
 * accepted transfer is a recorded step: every attempt sends the same message.
 *
 *     claim ── step: the pending entry ── message ── 202
 *
 * A message that is sent twice, 5 minutes apart even, is made once: its consumer's key is the transfer's id.
 */
export async function queueTransfer(
  event: AuthorizedEvent,
  { idempotency }: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const holder = requireHolder(idempotency);
  const request = readTransferRequest(event);
  const transfer = await idempotency.commitStep<Transfer>("accept", () => {
    const accepted = newTransfer(request);
    return { writes: [acceptWrite(ledgerTable, accepted, holder)], result: accepted };
  });
  const { signal } = idempotency;
  await enqueue(
    { transfer, holder },
    { queueUrl, key: idempotency.downstreamKey("queue"), signal },
  );
  return transferAccepted(transfer, "/transfers");
}
