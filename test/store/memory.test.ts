import { memoryStore } from "../../lib/index.ts";
import { storeContract } from "./store-contract.ts";

const store = memoryStore();

storeContract("memoryStore", () => store);
