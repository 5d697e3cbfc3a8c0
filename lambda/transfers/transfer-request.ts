import type { BodyEvent } from "../http/body-text.ts";
import {
  AMOUNT,
  accountMember,
  CURRENCY,
  type Form,
  invalidMember,
  readForm,
  shown,
} from "../http/request-form.ts";
import type { TransferRequest } from "./transfer.ts";

const FORM: Form = {
  title: "The request is not a transfer.",
  members: [accountMember("from"), accountMember("to"), AMOUNT, CURRENCY],
};

/**
 * Reads the body of `POST /transfers`.
 *
 * @throws ProblemError 400, naming the member, its value and what is expected.
 */
export function readTransferRequest(event: BodyEvent): TransferRequest {
  const request = readForm(FORM, event) as unknown as TransferRequest;
  if (request.from === request.to) {
    const wrong = `is ${shown(request.to)}, as "from" is; expected another account`;
    throw invalidMember(FORM, "to", wrong);
  }
  return request;
}
