import type { DemoHolder } from "../../lambda/auth/demo-holders.ts";
import { decimalAmount } from "../../lambda/http/decimal-amount.ts";
import type { ApiName, Order } from "./history.ts";

/** A request as it is sent, but for the token. */
export interface ClientRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Who orders, and whom the money goes to where it goes to somebody here. */
export interface Parties {
  readonly from: DemoHolder;
  readonly to: DemoHolder;
}

const JSON_TYPE = { "content-type": "application/json" };

/** The request for an order under a key, in the form of each API. */
export const REQUESTS: Readonly<
  Record<ApiName, (order: Order, key: string, parties: Parties) => ClientRequest>
> = {
  ietf: ownTransfer("/v2/transfers"),
  dwolla: ownTransfer("/transfers"),
  orzcash: (order, key, { from }) =>
    inJson(
      "/payouts",
      { ...JSON_TYPE, "idempotency-key": key },
      {
        from: from.account,
        amountMinor: amountOf(order),
        currency: from.currency,
        beneficiary: "DE89370400440532013000",
      },
    ),
  gluwa: (order, key, { from, to }) =>
    inJson("/v1/transactions", JSON_TYPE, {
      Idem: key,
      Source: from.account,
      Target: to.account,
      Amount: decimalAmount(amountOf(order)),
      Currency: from.currency,
    }),
  stripe: (order, key, { from, to }) => ({
    path: "/v1/charges",
    headers: { "content-type": "application/x-www-form-urlencoded", "idempotency-key": key },
    body: new URLSearchParams({
      amount: String(amountOf(order)),
      currency: from.currency.toLowerCase(),
      source: from.account,
      "transfer_data[destination]": to.account,
    }).toString(),
  }),
  "dfns transfer": (order, externalId, { from, to }) =>
    inJson(`/wallets/${from.account}/transfers`, JSON_TYPE, {
      kind: "Native",
      to: to.account,
      amount: String(amountOf(order)),
      externalId,
    }),
  "dfns transaction": (order, externalId, { from }) =>
    inJson(`/wallets/${from.account}/transactions`, JSON_TYPE, {
      kind: "Transaction",
      transaction: order.kind === "malformed" ? "none" : `0x${order.mark.toString(16)}`,
      externalId,
    }),
};

/** In the sample's own form. */
function ownTransfer(path: string) {
  return (order: Order, key: string, { from, to }: Parties): ClientRequest =>
    inJson(
      path,
      { ...JSON_TYPE, "idempotency-key": key },
      {
        from: from.account,
        to: to.account,
        amountMinor: amountOf(order),
        currency: from.currency,
      },
    );
}

function inJson(path: string, headers: ClientRequest["headers"], body: object): ClientRequest {
  return { path, headers, body: JSON.stringify(body) };
}

/** No API takes nothing. */
function amountOf({ kind, mark }: Order): number {
  return kind === "malformed" ? 0 : mark;
}
