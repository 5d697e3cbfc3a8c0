import type { DemoHolder } from "../../lambda/auth/demo-holders.ts";
import { decimalAmount } from "../../lambda/http/decimal-amount.ts";
import type { ApiName, Order } from "./history.ts";

/** A request as it is sent, without its token. */
export interface ClientRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The account holders of an order. `to` is unused where the money leaves the ledger. */
export interface Parties {
  readonly from: DemoHolder;
  readonly to: DemoHolder;
}

const JSON_TYPE = { "content-type": "application/json" };

/** The request for an order under a key, in the form of each API. */
export const REQUESTS: Readonly<
  Record<ApiName, (order: Order, key: string, parties: Parties) => ClientRequest>
> = {
  ietf: toTransfer("/v2/transfers"),
  dwolla: toTransfer("/transfers"),
  orzcash: (order, key, { from }) =>
    toJsonRequest(
      "/payouts",
      { ...JSON_TYPE, "idempotency-key": key },
      {
        from: from.account,
        amountMinor: toAmountMinor(order),
        currency: from.currency,
        beneficiary: "DE89370400440532013000",
      },
    ),
  gluwa: (order, key, { from, to }) =>
    toJsonRequest("/v1/transactions", JSON_TYPE, {
      Idem: key,
      Source: from.account,
      Target: to.account,
      Amount: decimalAmount(toAmountMinor(order)),
      Currency: from.currency,
    }),
  stripe: (order, key, { from, to }) => ({
    path: "/v1/charges",
    headers: { "content-type": "application/x-www-form-urlencoded", "idempotency-key": key },
    body: new URLSearchParams({
      amount: String(toAmountMinor(order)),
      currency: from.currency.toLowerCase(),
      source: from.account,
      "transfer_data[destination]": to.account,
    }).toString(),
  }),
  "dfns transfer": (order, externalId, { from, to }) =>
    toJsonRequest(`/wallets/${from.account}/transfers`, JSON_TYPE, {
      kind: "Native",
      to: to.account,
      amount: String(toAmountMinor(order)),
      externalId,
    }),
  "dfns transaction": (order, externalId, { from }) =>
    toJsonRequest(`/wallets/${from.account}/transactions`, JSON_TYPE, {
      kind: "Transaction",
      transaction: order.kind === "malformed" ? "none" : `0x${order.mark.toString(16)}`,
      externalId,
    }),
};

/** A transfer in the sample's own form. */
function toTransfer(path: string) {
  return (order: Order, key: string, { from, to }: Parties): ClientRequest =>
    toJsonRequest(
      path,
      { ...JSON_TYPE, "idempotency-key": key },
      {
        from: from.account,
        to: to.account,
        amountMinor: toAmountMinor(order),
        currency: from.currency,
      },
    );
}

function toJsonRequest(
  path: string,
  headers: ClientRequest["headers"],
  body: object,
): ClientRequest {
  return { path, headers, body: JSON.stringify(body) };
}

/** A malformed order has the amount 0, which every API refuses. */
function toAmountMinor({ kind, mark }: Order): number {
  return kind === "malformed" ? 0 : mark;
}
