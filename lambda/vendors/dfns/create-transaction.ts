import { putEntity } from "./entity.ts";
import { entityResponse } from "./wallet-answer.ts";
import { ledgerTable, walletFunction } from "./wallet-function.ts";
import { checkWalletTransaction } from "./wallet-request.ts";

/** Dfns' `POST /wallets/{walletId}/transactions`: records a transaction, and moves no money. */
export const handler = walletFunction("transaction", (event, _wallet, entity, idempotency) => {
  checkWalletTransaction(event);
  return idempotency.commit(
    [putEntity(ledgerTable, "transaction", entity)],
    entityResponse(entity),
  );
});
