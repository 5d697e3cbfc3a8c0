import type { HttpResponse } from "../../../lib/index.ts";
import { decimalAmount } from "../../http/decimal-amount.ts";
import type { Problem } from "../../http/problem.ts";
import { type Transfer, toUuid } from "../../transfers/transfer.ts";

/** A transaction in Gluwa's form, with 202 when it is accepted and 200 when it is read. */
export function gluwaTransaction(statusCode: 200 | 202, transfer: Transfer): HttpResponse {
  const { from, to, amountMinor, currency, createdAt } = transfer;
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ID: toUuid(transfer),
      Status: "Confirmed",
      Source: from,
      Target: to,
      Amount: decimalAmount(amountMinor),
      Currency: currency,
      CreatedDateTime: createdAt,
    }),
  };
}

const CODES: Readonly<Record<number, string>> = {
  400: "ValidationError",
  401: "Unauthorized",
  404: "NotFound",
  422: "UnprocessableEntity",
  503: "ServiceUnavailable",
};

/** A problem in Gluwa's form. */
export function gluwaProblem({ statusCode, detail, details, headers }: Problem): HttpResponse {
  const InnerErrors = [{ Code: "InvalidValue", Path: details?.member, Message: detail }];
  return {
    statusCode,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      Code: CODES[statusCode] ?? "InternalServerError",
      Message: detail,
      ...(details?.member && { InnerErrors }),
    }),
  };
}
