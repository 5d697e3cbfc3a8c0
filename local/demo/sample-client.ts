import type { DemoHolder } from "../../lambda/auth/demo-holders.ts";
import type { Cloud } from "../cloud.ts";

/** A transfer as a client requests it. */
export type SampleTransfer = {
  from: DemoHolder;
  to: DemoHolder;
  amountMinor: number;
  /** The `Idempotency-Key`. */
  key: string;
};

/** A payout as a client requests it. */
export type SamplePayout = Omit<SampleTransfer, "to">;

/** Sends a transfer once, without any retry. */
export function sendTransfer(cloud: Cloud, transfer: SampleTransfer): Promise<Response> {
  return post(cloud, "/transfers", transfer, transferBody(transfer));
}

/** Sends a transfer once, and asks for a response before it is made. */
export function sendTransferForLater(cloud: Cloud, transfer: SampleTransfer): Promise<Response> {
  const prefer = "respond-async";
  return post(cloud, "/transfers", transfer, transferBody(transfer), { prefer });
}

/** Sends a payout once, without any retry. */
export function sendPayout(cloud: Cloud, payout: SamplePayout): Promise<Response> {
  const { from, amountMinor } = payout;
  const { account, currency } = from;
  const beneficiary = "DE89370400440532013000";
  const body = JSON.stringify({ from: account, amountMinor, currency, beneficiary });
  return post(cloud, "/payouts", payout, body);
}

/** The body of `POST /transfers`. */
export function transferBody({ from, to, amountMinor }: Omit<SampleTransfer, "key">): string {
  const { currency } = from;
  return JSON.stringify({ from: from.account, to: to.account, amountMinor, currency });
}

/** The balance of a holder's account, in minor units, as the service reports it. */
export async function readBalanceMinor(cloud: Cloud, holder: DemoHolder): Promise<number> {
  const response = await fetch(`${cloud.url}/accounts/${holder.account}`, {
    headers: { authorization: `Bearer ${holder.token}` },
  });
  const account = (await response.json()) as { balanceMinor: number };
  return account.balanceMinor;
}

function post(
  cloud: Cloud,
  path: string,
  { from, key }: { from: DemoHolder; key: string },
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${cloud.url}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${from.token}`,
      "content-type": "application/json",
      "idempotency-key": key,
      ...headers,
    },
    body,
  });
}
