import { createHttpEvent, type HttpEventParts } from "../kit/http-event.ts";
import type { Call } from "./function-pool.ts";
import type { Lane } from "./lane.ts";

const KEY = "0b6f7b2a-5a0e-4f6e-9d0c-2b7f5d1c8a11";

/** A call of a function by the HTTP API, after its authorizer has identified Alice. */
export function createCall(file: string, parts: HttpEventParts): Call {
  const authorizer = { lambda: { accountHolder: "alice" } };
  return { file, event: createHttpEvent({ ...parts, authorizer }) };
}

const WITH_KEY = { "idempotency-key": KEY };
const TRANSFER = { from: "acc_alice", to: "acc_bob", amountMinor: 100, currency: "EUR" };

/** The sample's writing requests, all with one key; some take changes to their body. */
export const SAMPLE = {
  transfer: (changes: object = {}, headers: Record<string, string> = WITH_KEY) =>
    createCall("lambda/transfers/create-transfer.ts", {
      route: "POST /transfers",
      headers,
      body: { ...TRANSFER, ...changes },
    }),
  laterTransfer: (changes: object = {}) =>
    createCall("lambda/transfers/create-transfer.ts", {
      route: "POST /transfers",
      headers: { ...WITH_KEY, prefer: "respond-async" },
      body: { ...TRANSFER, ...changes },
    }),
  ietfTransfer: () =>
    createCall("lambda/vendors/ietf/create-transfer.ts", {
      route: "POST /v2/transfers",
      headers: WITH_KEY,
      body: TRANSFER,
    }),
  payout: (changes: object = {}) =>
    createCall("lambda/payouts/create-payout.ts", {
      route: "POST /payouts",
      headers: WITH_KEY,
      body: {
        from: "acc_alice",
        amountMinor: 100,
        currency: "EUR",
        beneficiary: "DE89370400440532013000",
        ...changes,
      },
    }),
  charge: (amount = "100") =>
    createCall("lambda/vendors/stripe/create-charge.ts", {
      route: "POST /v1/charges",
      headers: { ...WITH_KEY, "content-type": "application/x-www-form-urlencoded" },
      body: `source=acc_alice&transfer_data[destination]=acc_bob&amount=${amount}&currency=eur`,
    }),
  gluwaTransaction: () =>
    createCall("lambda/vendors/gluwa/create-transaction.ts", {
      route: "POST /v1/transactions",
      body: { Idem: KEY, Source: "acc_alice", Target: "acc_bob", Amount: "1.00", Currency: "EUR" },
    }),
  dfnsTransfer: (changes: object = {}) =>
    createCall("lambda/vendors/dfns/create-transfer.ts", {
      route: "POST /wallets/{walletId}/transfers",
      pathParameters: { walletId: "acc_alice" },
      body: { externalId: KEY, kind: "Native", to: "acc_bob", amount: "100", ...changes },
    }),
  dfnsTransaction: () =>
    createCall("lambda/vendors/dfns/create-transaction.ts", {
      route: "POST /wallets/{walletId}/transactions",
      pathParameters: { walletId: "acc_alice" },
      body: { externalId: KEY, kind: "Transaction", transaction: "0xabcdef" },
    }),
};

/** A call of a function of this proof, with one key. Headers choose the behaviour of the handler. */
export function proofRequest(name: string, headers: Record<string, string> = {}): Call {
  const route = `POST /${name}`;
  const Idem = KEY;
  const file = `proof/killpoints/functions/${name}.ts`;
  return createCall(file, { route, headers: { ...WITH_KEY, ...headers }, body: { Idem } });
}

/** The consumer's call with an event of the queue. */
export function consume(event: unknown): Call {
  return { file: "lambda/transfers/make-transfers.ts", event };
}

/** The completer's next run. */
export const COMPLETION: Call = { file: "lib/completer/handler.ts", event: {} };

/** Creates an entity. @returns its id. @throws if the response has no id. */
export async function createEntity(lane: Lane, call: Call): Promise<string> {
  const result = await lane.call(call);
  const response = Object("response" in result && result.response) as {
    headers?: object;
    body?: string;
  };
  const { location = "" } = { ...response.headers } as { location?: string };
  const { id, ID } = JSON.parse(response.body || "{}");
  const found = id ?? ID ?? location.split("/").at(-1);
  if (found) return found;
  throw new Error(`${call.file} must return an id, but the result is ${JSON.stringify(result)}.`);
}
