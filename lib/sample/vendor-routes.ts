/**
 * A route of the sample that speaks as somebody else's API does, or as a draft has it, and the function
 * to read it again.
 */
export interface VendorRoute {
  /** In the names of its functions. */
  readonly id: string;
  /** Where they are in `lambda/vendors/`. */
  readonly folder: string;
  readonly entity: string;
  readonly path: string;
  /** The path parameter that names one entity. */
  readonly parameter: string;
  /** It asks for records as well: it waits, or commits with `claimAt: "commit"`. */
  readonly readsRecords: boolean;
  /** The completer finishes what its clients abandon. */
  readonly isCompleted: boolean;
  readonly ledgerActions: readonly string[];
}

/** The routes that speak as others do, under their profiles. */
export const VENDORS: readonly VendorRoute[] = [
  {
    id: "IetfTransfer",
    folder: "ietf",
    entity: "transfer",
    path: "/v2/transfers",
    parameter: "id",
    readsRecords: false,
    isCompleted: false,
    ledgerActions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  {
    id: "GluwaTransaction",
    folder: "gluwa",
    entity: "transaction",
    path: "/v1/transactions",
    parameter: "id",
    readsRecords: false,
    isCompleted: true,
    ledgerActions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  {
    id: "StripeCharge",
    folder: "stripe",
    entity: "charge",
    path: "/v1/charges",
    parameter: "id",
    readsRecords: false,
    isCompleted: false,
    ledgerActions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  {
    id: "DfnsTransfer",
    folder: "dfns",
    entity: "transfer",
    path: "/wallets/{walletId}/transfers",
    parameter: "transferId",
    readsRecords: true,
    isCompleted: false,
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
    isCompleted: false,
    ledgerActions: ["dynamodb:GetItem", "dynamodb:PutItem"],
  },
];
