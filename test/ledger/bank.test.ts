import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { pay } from "../../lambda/payouts/bank.ts";
import { startBank } from "../../local/demo/bank.ts";
import { listen } from "../../local/process/ports.ts";

const PAYMENT = { account: "DE89370400440532013000", amountMinor: 2500, currency: "EUR" };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A bank with one answer for every request. */
async function bankThat(answers: RequestListener): Promise<string> {
  const server = createServer(answers);
  servers.push(server);
  return `http://127.0.0.1:${await listen(server)}`;
}

const answering = (status: number, body: string) =>
  bankThat((_, outgoing) => void outgoing.writeHead(status).end(body));

const payAt = (url: string, signal = new AbortController().signal) =>
  pay(url, PAYMENT, { key: "k", signal });

test("a payment carries its key, and the bank's answer is read", async () => {
  const bank = await startBank();
  const { paymentId } = (await payAt(bank.url)) as { paymentId: string };
  expect(bank.payments).toEqual([{ paymentId, key: "k", ...PAYMENT }]);
  await bank.close();
});

test("a refusal is the bank's own word that it will not pay", async () => {
  const url = await answering(422, '{"refusal":"The account is closed."}');
  expect(await payAt(url)).toEqual({ kind: "refused", reason: "The account is closed." });
});

test.each([
  ["a 422 about something else, such as a key that was used before", 422, '{"error":"used"}'],
  ["a 4xx of a proxy", 403, "<html>"],
  ["too many requests", 429, "{}"],
  ["a failure", 503, '{"refusal":"lunch"}'],
  ["a success without a payment", 201, "{}"],
  ["a success of another kind", 202, '{"paymentId":"pay_1"}'],
  ["a payment with an id that is not text", 201, '{"paymentId":1}'],
  ["no object", 201, "null"],
  ["no JSON", 201, "paid"],
])("%s leaves open whether the bank has paid", async (_, status, body) => {
  await expect(payAt(await answering(status, body))).rejects.toMatchObject({
    name: "BankUnclearError",
    message: expect.stringContaining(`The bank answered ${status}`),
  });
});

test("a lost connection leaves it open too", async () => {
  const url = await bankThat((_, outgoing) => void outgoing.destroy());
  await expect(payAt(url)).rejects.toThrow("fetch failed");
});

test("a request to a silent bank is aborted with the caller's signal", async () => {
  const caller = new AbortController();
  const url = await bankThat(() => caller.abort());
  await expect(payAt(url, caller.signal)).rejects.toMatchObject({ name: "AbortError" });
});
