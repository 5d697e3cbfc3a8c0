import type { APIGatewayProxyEventV2WithJWTAuthorizer as Event } from "aws-lambda";
import {
  dwolla,
  type IdempotencyOptions,
  idempotent,
  isCommitRefused,
  type WithIdempotency,
} from "lambda-idempotency";

/** The parts that a test replaces. */
export type Parts = Pick<IdempotencyOptions, "store" | "clock" | "observe">;

const TableName = "accounts";

/** The handler of `POST /transfers`: the money moves in one transaction with the record. */
export function transferHandler(parts: Parts) {
  return idempotent(transfer, {
    ...parts,
    tenant: ({ requestContext }: Event) => requestContext.authorizer.jwt.claims.sub,
    operation: "create transfer",
    profile: dwolla(),
    claimAt: "commit",
  });
}

async function transfer({ body = "" }: Event, { idempotency }: WithIdempotency<object>) {
  const { from, to, amountMinor } = JSON.parse(body);
  const ExpressionAttributeValues = { ":amount": amountMinor };
  const debit = {
    ...{ TableName, Key: { id: from }, ExpressionAttributeValues },
    UpdateExpression: "SET balanceMinor = balanceMinor - :amount",
    ConditionExpression: "balanceMinor >= :amount",
  };
  const credit = {
    ...{ TableName, Key: { id: to }, ExpressionAttributeValues },
    UpdateExpression: "SET balanceMinor = balanceMinor + :amount",
    ConditionExpression: "attribute_exists(id)",
  };
  try {
    return await idempotency.commit([{ Update: debit }, { Update: credit }], { statusCode: 201 });
  } catch (error) {
    if (!isCommitRefused(error)) throw error;
    const reason = ["insufficient funds", "unknown account"][error.index] ?? "";
    return { statusCode: 422, body: reason };
  }
}
