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
