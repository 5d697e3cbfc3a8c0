import type { HttpResponse } from "../../lib/index.ts";
import type { Transfer } from "./transfer.ts";

/** The response for a transfer that was made, with the path at which it can be read. */
export function transferMade(transfer: Transfer, path: string): HttpResponse {
  return {
    statusCode: 201,
    headers: { "content-type": "application/json", location: `${path}/${transfer.id}` },
    body: JSON.stringify(transfer),
  };
}

/**
 * The response for a transfer that will be made or refused, with the path at which its status can be read.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.1
 */
export function transferAccepted(transfer: Transfer, path: string): HttpResponse {
  return {
    statusCode: 202,
    headers: {
      "content-type": "application/json",
      location: `${path}/${transfer.id}`,
      "preference-applied": "respond-async",
    },
    body: JSON.stringify({ ...transfer, status: "pending" }),
  };
}
