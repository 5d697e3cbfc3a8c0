import type { HttpResponse } from "../../lib/index.ts";
import type { Transfer } from "./transfer.ts";

/** A transfer that was made, and where it can be read. */
export function transferMade(transfer: Transfer, path: string): HttpResponse {
  return {
    statusCode: 201,
    headers: { "content-type": "application/json", location: `${path}/${transfer.id}` },
    body: JSON.stringify(transfer),
  };
}
