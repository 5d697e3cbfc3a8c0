import { commitTransfer } from "../../transfers/commit-transfer.ts";
import { newTransfer } from "../../transfers/transfer.ts";
import { putEntity } from "./entity.ts";
import { dfnsProblem, entityResponse } from "./wallet-answer.ts";
import { ledgerTable, walletFunction } from "./wallet-function.ts";
import { readWalletTransfer } from "./wallet-request.ts";

/** Dfns' `POST /wallets/{walletId}/transfers`. */
export const handler = walletFunction("transfer", (event, wallet, entity, idempotency) => {
  const { to, amountMinor } = readWalletTransfer(event, wallet.id);
  const { id: from, currency } = wallet;
  return commitTransfer(
    idempotency,
    {
      ledgerTable,
      transfer: newTransfer({ from, to, amountMinor, currency }),
      holder: entity.requester.userId,
      also: [putEntity(ledgerTable, "transfer", entity)],
    },
    {
      made: entityResponse(entity),
      // There is no entity to bind the key to, so the key stays free.
      refused: (problem) => idempotency.reject(dfnsProblem(problem)),
    },
  );
});
