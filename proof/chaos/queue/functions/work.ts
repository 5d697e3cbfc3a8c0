import { setTimeout as delay } from "node:timers/promises";
import type { OrderBody } from "./order-body.ts";

/** The part of the work before the effect. @throws for an order that no consumer can carry out. */
export async function prepare({ orderId, slowMs, fails }: OrderBody): Promise<void> {
  if (slowMs > 0) await delay(slowMs);
  if (fails) throw new Error(`The order ${orderId} cannot be carried out.`);
}

/** Asks the bank for a payment. @throws unless the bank has paid. */
export async function pay({ account, amountMinor }: OrderBody, key: string): Promise<void> {
  const response = await fetch(`${process.env.BANK_URL}/payments`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ account, amountMinor, currency: "EUR" }),
  });
  if (!response.ok) throw new Error(`The bank answers ${response.status}.`);
}

/** Debit and credit. The list of entries shows a second effect, and the order of the effects. */
export function createWrites({ account, amountMinor }: OrderBody) {
  const TableName = process.env.LEDGER_TABLE ?? "";
  return [
    {
      Update: {
        TableName,
        Key: { id: `account/${account}` },
        UpdateExpression:
          "SET balanceMinor = balanceMinor - :amount, entries = list_append(entries, :entries)",
        ConditionExpression: "balanceMinor >= :amount",
        ExpressionAttributeValues: { ":amount": amountMinor, ":entries": [amountMinor] },
      },
    },
    {
      Update: {
        TableName,
        Key: { id: `counterpart/${account}` },
        UpdateExpression: "SET balanceMinor = balanceMinor + :amount",
        ConditionExpression: "attribute_exists(id)",
        ExpressionAttributeValues: { ":amount": amountMinor },
      },
    },
  ];
}
