import { entityFunction } from "./wallet-function.ts";

/** Dfns' `GET /wallets/{walletId}/transactions/{transactionId}`. */
export const handler = entityFunction("transaction", "transactionId");
