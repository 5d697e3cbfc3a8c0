import { testStore } from "../../lib/testing/index.ts";
import { SHARED_TABLE } from "../support/table.ts";
import { storeContract } from "./store-contract.ts";

const store = testStore();
const shared = testStore(SHARED_TABLE);

storeContract("testStore", () => store);
storeContract("testStore, on a table of another layout,", () => shared);
