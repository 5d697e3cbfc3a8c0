/** The table of the layer. */
export const RECORDS = "records";

/** The business's own. */
export const LEDGER = "ledger";
