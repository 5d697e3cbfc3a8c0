import { isTransferId, type Transfer } from "./transfer.ts";

/** A transfer that was accepted and waits in the queue. Only this service sends such messages. */
export interface PendingTransfer {
  readonly transfer: Transfer;
  /** The holder of the account to debit. */
  readonly holder: string;
}

/** The text of its message: the same on every attempt to send it. */
export function writePending({ transfer, holder }: PendingTransfer): string {
  return JSON.stringify({ transfer, holder });
}

/** @throws SyntaxError or TypeError if the message is none of this service. */
export function readPending({ body }: { readonly body: string }): PendingTransfer {
  const { transfer, holder } = Object(JSON.parse(body)) as Partial<PendingTransfer>;
  if (transfer !== undefined && isTransferId(String(transfer.id)) && typeof holder === "string") {
    return { transfer, holder };
  }
  throw new TypeError("The message is not a pending transfer.");
}
