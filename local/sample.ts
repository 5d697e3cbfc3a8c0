import { randomUUID } from "node:crypto";
import { type DemoHolder, seedDemoHolders } from "../lambda/demo-holders.ts";
import type { Cloud } from "./cloud.ts";
import { localClient } from "./tables.ts";

/** The demo account holders of the sample service, with their tokens. */
export type SampleHolders = { alice: DemoHolder; bob: DemoHolder };

/** Gives the sample service its two demo account holders. */
export async function seedSample(cloud: Cloud): Promise<SampleHolders> {
  const client = localClient(cloud.engine.endpoint);
  try {
    return await seedDemoHolders({
      client,
      ledgerTable: cloud.tableName("Ledger"),
      tokensTable: cloud.tableName("Tokens"),
    });
  } finally {
    client.destroy();
  }
}

/** A transfer as a client asks for it. */
export type SampleTransfer = {
  from: DemoHolder;
  to: DemoHolder;
  amountMinor: number;
  /** The `Idempotency-Key`. */
  key: string;
};

/** Sends a transfer once, without any retry. */
export function sendTransfer(cloud: Cloud, transfer: SampleTransfer): Promise<Response> {
  return fetch(`${cloud.url}/transfers`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${transfer.from.token}`,
      "content-type": "application/json",
      "idempotency-key": transfer.key,
    },
    body: transferBody(transfer),
  });
}

/** The balance of a holder's account, in minor units, as the service reports it. */
export async function balanceMinorOf(cloud: Cloud, holder: DemoHolder): Promise<number> {
  const response = await fetch(`${cloud.url}/accounts/${holder.account}`, {
    headers: { authorization: `Bearer ${holder.token}` },
  });
  const account = (await response.json()) as { balanceMinor: number };
  return account.balanceMinor;
}

/**
 * Kills the function that makes the next transfer at the worst moment: the money has moved, and
 * neither the function nor the idempotency record knows it.
 */
export function killInMidTransfer(cloud: Cloud): void {
  const remove = cloud.tap.onAnswer(async ({ operation, environmentId }) => {
    if (operation !== "TransactWriteItems" || !environmentId) return "pass";
    remove();
    await cloud.functions.kill(environmentId);
    return "drop";
  });
}

/** Three commands to try the sample service with: a transfer, its repetition, the balance. */
export function sampleCommands(cloud: Cloud, { alice, bob }: SampleHolders): string[] {
  const authorization = `-H 'Authorization: Bearer ${alice.token}'`;
  const body = transferBody({ from: alice, to: bob, amountMinor: 2500 });
  const transfer =
    `curl -i ${cloud.url}/transfers ${authorization} -H 'Content-Type: application/json' ` +
    `-H 'Idempotency-Key: ${randomUUID()}' -d '${body}'`;
  return [
    `# ${alice.holder} sends ${bob.holder} 25.00 ${alice.currency}`,
    transfer,
    "# the answer was lost, so it is sent again: the same answer, and the money has moved once",
    transfer,
    "# the balance",
    `curl -i ${cloud.url}/accounts/${alice.account} ${authorization}`,
  ];
}

function transferBody({ from, to, amountMinor }: Omit<SampleTransfer, "key">): string {
  const { currency } = from;
  return JSON.stringify({ from: from.account, to: to.account, amountMinor, currency });
}
