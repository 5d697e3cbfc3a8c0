import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { keepBooks, NOTHING } from "./books.ts";
import { runService, sendUntilServed } from "./service.ts";

const service = runService({ engine: "in-memory" });
const { changes } = keepBooks(service);
const isReplay = ({ headers }: { headers: Headers }) =>
  headers.get("idempotent-replayed") === "true";

test("without another engine a transfer and its replay move the money once", async () => {
  expect(service.cloud().engine.name).toBe("in-memory");
  const key = randomUUID();
  const [first, second] = [await service.transfer({ key }), await service.transfer({ key })];
  expect([first.status, isReplay(first)]).toEqual([201, false]);
  expect([second.status, isReplay(second), second.text]).toEqual([201, true, first.text]);
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, bob: 100 });
  const found = await service.get(first.headers.get("location") ?? "");
  expect(JSON.parse(found.text)).toEqual(JSON.parse(first.text));
});

test("without another engine 20 transfers at once under one key are one", async () => {
  const key = randomUUID();
  const sendOne = () => sendUntilServed(() => service.transfer({ key }));
  const all = await Promise.all(Array.from({ length: 20 }, sendOne));
  expect(new Set(all.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  // None, if the first response was lost in a 503: its client has got the replay since.
  expect(all.filter((one) => !isReplay(one)).length).toBeLessThanOrEqual(1);
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, bob: 100 });
});

test("without another engine a payout whose bank failed is resumed, and paid once", async () => {
  const key = randomUUID();
  service.bank().next("fail");
  expect((await service.payout({ key })).status).toBe(503);
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, reserved: 100 });
  expect((await service.payout({ key })).status).toBe(201);
  expect(isReplay(await service.payout({ key }))).toBe(true);
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, paidOut: 100, paid: 100 });
});

test("without another engine the completer finds nothing to finish, and fails at nothing", async () => {
  await expect(service.cloud().runSchedules()).resolves.toBeUndefined();
});
