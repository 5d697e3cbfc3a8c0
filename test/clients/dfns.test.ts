import { generateKeyPairSync, randomUUID } from "node:crypto";
import { DfnsApiClient, DfnsError } from "@dfns/sdk";
import { AsymmetricKeySigner } from "@dfns/sdk-keysigner";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { countMoney } from "../e2e/money.ts";
import { runService } from "../e2e/service.ts";
import { type Front, sendUntilServed, startFront } from "./front.ts";

const service = runService();
const { cloud, holders } = service;
const { moved } = countMoney(service);

const credId = "credential";
const { privateKey } = generateKeyPairSync("ed25519");
const PRIVATE_KEY = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

let front: Front;
beforeAll(async () => {
  front = await startFront(() => cloud().url, {
    "POST /auth/action/init": () => ({
      challenge: randomUUID(),
      challengeIdentifier: randomUUID(),
      allowCredentials: { key: [{ type: "public-key", id: credId }], webauthn: [] },
    }),
    "POST /auth/action": () => ({ userAction: randomUUID() }),
  });
});
afterAll(() => front.close());

/** Dfns' own client, pointed at the front. It signs each attempt anew. */
function wallets() {
  const client = new DfnsApiClient({
    baseUrl: front.url,
    authToken: holders().alice.token,
    signer: new AsymmetricKeySigner({ credId, privateKey: PRIVATE_KEY }),
  });
  return client.wallets;
}

const send = (externalId: string | undefined, changes: object = {}, walletId = "acc_alice") =>
  wallets().transferAsset({
    walletId,
    body: { kind: "Native", to: "acc_bob", amount: "100", externalId, ...changes },
  });

test("a transfer is made once; the repeat is the same transfer", async () => {
  const externalId = randomUUID();
  const first = await send(externalId);
  const repeat = await send(externalId);
  expect(repeat).toEqual(first);
  expect(first.requestBody).toMatchObject({ kind: "Native", amount: "100", externalId });
  const found = await wallets().getTransfer({ walletId: "acc_alice", transferId: first.id });
  expect(found).toEqual(first);
  expect(await moved()).toBe(100);
});

test("a transaction of the same externalId is another entity", async () => {
  const externalId = randomUUID();
  const transfer = await send(externalId);
  const body = { kind: "Transaction", transaction: "0x00", externalId } as const;
  const first = await wallets().broadcastTransaction({ walletId: "acc_alice", body });
  const repeat = await wallets().broadcastTransaction({ walletId: "acc_alice", body });
  expect(repeat).toEqual(first);
  expect(first.id).not.toBe(transfer.id);
});

test.each([
  ["another amount", { amount: "200" }, "acc_alice"],
  ["another wallet", {}, "acc_other"],
])("%s is a DfnsError 409 that names the duplicate", async (_, changes, walletId) => {
  const externalId = randomUUID();
  const { id } = await send(externalId);
  const conflict = await send(externalId, changes, walletId).catch((error) => error);
  expect(conflict).toBeInstanceOf(DfnsError);
  expect(conflict).toMatchObject({
    httpStatus: 409,
    message: "Conflicting transfer with same externalId",
    context: { body: { error: { details: { duplicate: { id, externalId } } } } },
  });
  expect(await moved()).toBe(100);
});

test.each(["before", "middle"] as const)(
  "a response that was cut (%s its body) is an error; the retry gets the transfer",
  async (where) => {
    const externalId = randomUUID();
    front.cutAnswers(where);
    await expect(send(externalId)).rejects.toThrow();
    expect(await send(externalId)).toMatchObject({ externalId, status: "Pending" });
    expect(await moved()).toBe(100);
  },
);

test("10 at once are one transfer: each gets it, or a DfnsError 409", async () => {
  const externalId = randomUUID();
  const isBusy = ({ httpStatus }: DfnsError) => httpStatus === 503;
  const sendOne = () => sendUntilServed(() => send(externalId), isBusy);
  const all = await Promise.allSettled(Array.from({ length: 10 }, sendOne));
  const ids = all.flatMap((one) => (one.status === "fulfilled" ? [one.value.id] : []));
  const refused = all.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(new Set(ids).size).toBe(1);
  expect(refused.map(({ httpStatus }) => httpStatus)).toEqual(refused.map(() => 409));
  expect(await moved()).toBe(100);
});

test("a refusal is a DfnsError with its message, and leaves the externalId free", async () => {
  const externalId = randomUUID();
  const refused = send(externalId, { amount: "100000000" });
  await expect(refused).rejects.toMatchObject({
    httpStatus: 422,
    message: expect.stringContaining("holds less than"),
  });
  await send(externalId);
  expect(await moved()).toBe(100);
});
