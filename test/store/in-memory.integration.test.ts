import { SHARED_TABLE } from "../support/table.ts";
import { storeContractOn } from "./on-engine.ts";

storeContractOn("in-memory");
storeContractOn("in-memory", SHARED_TABLE);
