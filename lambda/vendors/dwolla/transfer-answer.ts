import type { HttpResponse } from "../../../lib/index.ts";
import type { AuthorizedEvent } from "../../auth/account-holder.ts";
import type { Problem } from "../../http/problem.ts";
import type { Transfer } from "../../transfers/transfer.ts";

const MEDIA_TYPE = "application/vnd.dwolla.v1.hal+json";

/** Dwolla's response for a transfer that was made: its location, and no body. */
export function dwollaTransferMade(event: AuthorizedEvent, { id }: Transfer): HttpResponse {
  const location = `https://${event.requestContext.domainName}/transfers/${id}`;
  return { statusCode: 201, headers: { "content-type": MEDIA_TYPE, location }, body: "" };
}

/** A problem in Dwolla's form. */
export function dwollaProblem({
  statusCode,
  code,
  detail,
  details,
  headers,
}: Problem): HttpResponse {
  const isValidation = statusCode === 400;
  const path = details?.member ?? details?.account;
  const errors = [{ code: "Invalid", message: detail, ...(path && { path: `/${path}` }) }];
  return {
    statusCode,
    headers: { "content-type": MEDIA_TYPE, ...headers },
    body: JSON.stringify({
      code: isValidation ? "ValidationError" : code,
      message: isValidation ? "Validation error(s) present. See embedded errors." : detail,
      ...(isValidation && { _embedded: { errors } }),
    }),
  };
}
