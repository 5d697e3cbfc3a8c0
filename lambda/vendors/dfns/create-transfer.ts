import { commitTransfer } from "../../transfers/commit-transfer.ts";
import { newTransfer } from "../../transfers/transfer.ts";
import { putEntity } from "./entity.ts";
import { dfnsProblem, entityAnswer } from "./wallet-answer.ts";
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
      made: entityAnswer(entity),
      // There is no entity, so nothing is bound to the key.
      refused: (problem) => idempotency.reject(dfnsProblem(problem)),
    },
  );
});
