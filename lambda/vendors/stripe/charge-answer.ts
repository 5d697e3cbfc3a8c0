import type { HttpResponse } from "../../../lib/index.ts";
import type { Problem } from "../../http/problem.ts";
import { type Transfer, uuidOf } from "../../transfers/transfer.ts";

/** A charge as Stripe shows it. */
export function charge(transfer: Transfer): HttpResponse {
  const { from, to, amountMinor, currency, createdAt } = transfer;
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      id: `ch_${uuidOf(transfer)}`,
      object: "charge",
      amount: amountMinor,
      currency: currency.toLowerCase(),
      created: Math.floor(Date.parse(createdAt) / 1000),
      paid: true,
      captured: true,
      status: "succeeded",
      source: from,
      transfer_data: { destination: to },
    }),
  };
}

/** A problem as Stripe tells it: money that is not there is the card's. */
export function stripeProblem({
  statusCode,
  code,
  detail,
  details,
  headers,
}: Problem): HttpResponse {
  const isCard = code === "insufficient_funds";
  const status = statusCode === 422 ? (isCard ? 402 : 400) : statusCode;
  const kind = status >= 500 ? "api_error" : isCard ? "card_error" : "invalid_request_error";
  const param = details?.member;
  return {
    statusCode: status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ error: { type: kind, code, message: detail, ...(param && { param }) } }),
  };
}
