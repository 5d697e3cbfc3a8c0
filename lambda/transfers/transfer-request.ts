import type { BodyEvent } from "../http/body-text.ts";
import {
  AMOUNT,
  accountMember,
  CURRENCY,
  describeValue,
  type Form,
  invalidMember,
  readForm,
} from "../http/request-form.ts";
import type { TransferRequest } from "./transfer.ts";

const FORM: Form = {
  title: "The request is not a transfer.",
  members: [accountMember("from"), accountMember("to"), AMOUNT, CURRENCY],
};

/**
 * Reads the body of `POST /transfers`.
 *
 * @throws ProblemError 400, naming the member, its value and the expected value.
 */
export function readTransferRequest(event: BodyEvent): TransferRequest {
  const request = readForm(FORM, event) as unknown as TransferRequest;
  if (request.from === request.to) {
    const wrong = `is ${describeValue(request.to)}, as "from" is; expected another account`;
    throw invalidMember(FORM, "to", wrong);
  }
  return request;
}
