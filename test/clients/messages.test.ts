import { afterEach, expect, test } from "@jest/globals";
import ModernTreasury from "modern-treasury";
import { SquareClient, SquareError } from "square";
import { gluwa, ietf, type Profile } from "../../lib/index.ts";
import { serveRoute } from "./one-route.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(profile: Profile) {
  const service = await serveRoute(profile);
  closers.push(service.close);
  return service;
}

const aPayment = (amountMinor: bigint) => ({
  sourceId: "cnon:card-nonce-ok",
  idempotencyKey: "key-1",
  amountMoney: { amount: amountMinor, currency: "EUR" as const },
});

test("Square's client shows the message of a refusal", async () => {
  const { url } = await serve(ietf({ keyFrom: [{ pointer: "/idempotency_key" }] }));
  const client = new SquareClient({ token: "t", environment: url, maxRetries: 0 });
  await client.payments.create(aPayment(100n));
  const refused = await client.payments.create(aPayment(200n)).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SquareError);
  const [shown] = (refused as SquareError).errors;
  expect(shown?.detail).toMatch(/^This key belongs to a different request/);
});

/** A client that Stainless has generated; it repeats a 409 by itself unless it is told not to. */
function modernTreasury(baseURL: string): ModernTreasury {
  return new ModernTreasury({ apiKey: "k", organizationID: "o", baseURL, maxRetries: 2 });
}

test("a client of Stainless's shows the message of a refusal", async () => {
  const { url } = await serve(ietf());
  const client = modernTreasury(url);
  const post = (amount: number) =>
    client.post("/transfers", { body: { amount }, idempotencyKey: "key-1" });
  await post(100);
  await expect(post(200)).rejects.toThrow(/^422 This key belongs to a different request/);
});

test("a client of Stainless's does not repeat a 409 that is final", async () => {
  const { url, requests } = await serve(gluwa());
  const client = modernTreasury(url);
  const body = { Idem: "8e03978e-40d5-43e8-bc93-6894a57f9324", Amount: "1" };
  await client.post("/v1/transactions", { body });
  await expect(client.post("/v1/transactions", { body })).rejects.toThrow("409");
  expect(requests).toHaveLength(2);
});
