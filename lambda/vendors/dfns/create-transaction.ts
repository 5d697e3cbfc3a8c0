import { putEntity } from "./entity.ts";
import { entityAnswer } from "./wallet-answer.ts";
import { ledgerTable, walletFunction } from "./wallet-function.ts";
import { checkWalletTransaction } from "./wallet-request.ts";

/** Dfns' `POST /wallets/{walletId}/transactions`: it is recorded, and moves no money by itself. */
export const handler = walletFunction("transaction", (event, _wallet, entity, idempotency) => {
  checkWalletTransaction(event);
  return idempotency.commit([putEntity(ledgerTable, "transaction", entity)], entityAnswer(entity));
});
