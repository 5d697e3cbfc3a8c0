import type { HttpResponse } from "../../../lib/index.ts";
import type { Problem } from "../../http/problem.ts";
import { type Transfer, toUuid } from "../../transfers/transfer.ts";

/** A charge in Stripe's form. */
export function charge(transfer: Transfer): HttpResponse {
  const { from, to, amountMinor, currency, createdAt } = transfer;
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      id: `ch_${toUuid(transfer)}`,
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

/** A problem in Stripe's form, in which insufficient funds are an error of the card. */
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
