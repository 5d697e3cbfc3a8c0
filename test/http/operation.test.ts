import { expect, test } from "@jest/globals";
import { defaultOperation, isCatchAll } from "../../lib/http/operation.ts";

test.each([
  ["POST /transfers", "POST /transfers", false],
  ["POST /wallets/{id}/transfers", "POST /wallets/{}/transfers", false],
  ["POST /wallets/{walletId}/transfers", "POST /wallets/{}/transfers", false],
  ["POST /wallets/{id}/{kind}", "POST /wallets/{}/{}", false],
  ["POST /{proxy+}", "POST /{+}", true],
  ["POST /wallets/{rest+}", "POST /wallets/{+}", true],
  ["POST /wallets/a{b}c", "POST /wallets/a{b}c", false],
  ["POST /", "POST /", false],
  ["$default", "POST $default", true],
])("the operation of the route %s is %s", (route, operation, catchesAll) => {
  expect(defaultOperation({ method: "POST", route })).toBe(operation);
  expect(isCatchAll({ route })).toBe(catchesAll);
});
