import { entityFunction } from "./wallet-function.ts";

/** Dfns' `GET /wallets/{walletId}/transfers/{transferId}`. */
export const handler = entityFunction("transfer", "transferId");
