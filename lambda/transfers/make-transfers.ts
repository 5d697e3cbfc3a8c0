import type { SQSRecord } from "aws-lambda";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  type FunctionIdempotencyContext,
  idempotentBatch,
  isCommitRefused,
} from "../../lib/index.ts";
import { requiredVariable } from "../environment.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import { makeWrites, refuseWrite } from "../ledger/pending-transfers.ts";
import { transferRefusal } from "../ledger/transfers.ts";
import { readPending } from "./pending-transfer.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");

/**
 * Makes the transfers of the queue. The movement and the record that the message is done are one
 * transaction, so a redelivery, a redrive and two deliveries at once move the money once.
 */
export const handler = idempotentBatch(makeTransfer, {
  store,
  name: "make transfer",
  // The message is trusted: the policy of the queue lets this service alone send one.
  tenant: (record) => readPending(record).holder,
  key: (record) => readPending(record).transfer.id,
  claimAt: "commit",
});

async function makeTransfer(
  record: SQSRecord,
  { idempotency }: { readonly idempotency: FunctionIdempotencyContext },
): Promise<void> {
  const { transfer, holder } = readPending(record);
  try {
    await idempotency.commit(makeWrites(ledgerTable, transfer, holder), undefined);
  } catch (error) {
    const refusal = isCommitRefused(error) && transferRefusal(error, transfer, holder);
    if (!refusal) throw error;
    // The ledger's refusal is final, and the message is done: the client reads it at the Location.
    await idempotency.commit([refuseWrite(ledgerTable, transfer, refusal.kind)], undefined);
  }
}
