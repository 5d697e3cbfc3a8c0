import { test } from "@jest/globals";
import { missingEngine } from "../../local/engine.ts";
import { storeContractOn } from "./on-engine.ts";

const missing = missingEngine("dynoxide");

if (missing === undefined) {
  storeContractOn("dynoxide");
} else {
  console.warn(`\n  NOT RUN on Dynoxide: ${missing}\n`);
  test("Dynoxide is not on this machine; the contract ran on other engines only", () => {});
}
