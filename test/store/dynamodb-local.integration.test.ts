import { test } from "@jest/globals";
import { missingEngine } from "../../local/engine.ts";
import { storeContractOn } from "./on-engine.ts";

const missing = missingEngine("dynamodb-local");

if (missing === undefined) {
  storeContractOn("dynamodb-local");
} else {
  console.warn(`\n  NOT RUN on DynamoDB Local, the second engine: ${missing}\n`);
  test("DynamoDB Local is not on this machine; the contract ran on other engines only", () => {});
}
