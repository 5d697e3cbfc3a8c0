import { requiredVariable } from "../../../lambda/environment.ts";
import { dynamoDbClient } from "../../../lambda/ledger/dynamodb-client.ts";
import { type BankAnswer, pay } from "../../../lambda/payouts/bank.ts";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { type HttpResponse, idempotent, type WithIdempotency } from "../../../lib/index.ts";

export const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

/** A payment with its only effect at the bank, which pays once for each key. */
export const handler = idempotent(
  async (_event: unknown, context: WithIdempotency<object>): Promise<HttpResponse> => {
    try {
      return await payOutside(context);
    } catch {
      return { statusCode: 503 };
    }
  },
  { store, singleTenant: true, readFirst: "always" },
);

export async function payOutside({ idempotency }: WithIdempotency<object>): Promise<HttpResponse> {
  const payment = { account: "DE89370400440532013000", amountMinor: 100, currency: "EUR" };
  const key = idempotency.downstreamKey("bank");
  const receipt: BankAnswer = await pay(requiredVariable("BANK_URL"), payment, {
    key,
    signal: idempotency.signal,
  });
  return { statusCode: 201, body: JSON.stringify(receipt) };
}
