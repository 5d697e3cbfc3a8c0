import { expect, test } from "@jest/globals";
import { bundle } from "../../bench/bundle/bundle.ts";
import { HANDLER_NAMES } from "../../bench/bundle/handlers.ts";
import { listOverBudget } from "../../bench/bundle/size-budgets.ts";

test("no handler's bundle is over its budget", async () => {
  const bundles = await Promise.all(HANDLER_NAMES.map((handler) => bundle(handler, "out")));
  expect(listOverBudget(bundles)).toEqual([]);
});

test("a bundle over its budget is named, with its size and its budget", () => {
  const grown = [{ handler: "ours: Middy, DynamoDB", minifiedBytes: 1_000_000 }] as const;
  expect(listOverBudget(grown)).toEqual([
    expect.stringMatching(/^ours: Middy, DynamoDB: 1000000 bytes .* \d+ allowed$/),
  ]);
});

test("a bundle contains the SDK only on request", async () => {
  const isSdk = (path: string) => path.includes("node_modules/@aws-sdk/");
  const [out, within] = await Promise.all([
    bundle("ours: Middy, DynamoDB", "out"),
    bundle("ours: Middy, DynamoDB", "in"),
  ]);
  expect(Object.keys(out.modules).filter(isSdk)).toEqual([]);
  expect(Object.keys(within.modules).some(isSdk)).toBe(true);
});
