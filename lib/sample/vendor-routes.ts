/**
 * A route of the sample in the words of another API or of a draft, and the function that reads its
 * entity.
 */
export interface VendorRoute {
  /** Part of the names of its functions. */
  readonly id: string;
  /** The folder of its functions in `lambda/vendors/`. */
  readonly folder: string;
  readonly entity: string;
  readonly path: string;
  /** The path parameter that names one entity. */
  readonly parameter: string;
  /** Whether it reads records as well: it waits, or commits with `claimAt: "commit"`. */
  readonly readsRecords: boolean;
  /** The service of its own by which a completer finds requests that its clients abandon. */
  readonly completedAs?: string;
  readonly ledgerActions: readonly string[];
}

/** The routes in the words of other APIs, under their profiles. */
export const VENDORS: readonly VendorRoute[] = [
  {
    id: "IetfTransfer",
    folder: "ietf",
    entity: "transfer",
    path: "/v2/transfers",
    parameter: "id",
    readsRecords: false,
    ledgerActions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  {
    id: "GluwaTransaction",
    folder: "gluwa",
    entity: "transaction",
    path: "/v1/transactions",
    parameter: "id",
    readsRecords: false,
    completedAs: "gluwa-transactions",
    ledgerActions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  {
    id: "StripeCharge",
    folder: "stripe",
    entity: "charge",
    path: "/v1/charges",
    parameter: "id",
    readsRecords: false,
    ledgerActions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  {
    id: "DfnsTransfer",
    folder: "dfns",
    entity: "transfer",
    path: "/wallets/{walletId}/transfers",
    parameter: "transferId",
    readsRecords: true,
    // A wallet and, on repeats, the entity are read.
    ledgerActions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  {
    id: "DfnsTransaction",
    folder: "dfns",
    entity: "transaction",
    path: "/wallets/{walletId}/transactions",
    parameter: "transactionId",
    readsRecords: true,
    ledgerActions: ["dynamodb:GetItem", "dynamodb:PutItem"],
  },
];
