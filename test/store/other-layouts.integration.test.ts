import { ENGINES } from "../support/engines.ts";
import { SHARED_TABLE } from "../support/table.ts";
import { storeContractOn } from "./on-engine.ts";

// On one engine: the differences of the engines are tested on tables of the usual layout.
const [name] = ENGINES;
if (name === undefined) throw new Error("no engine can start here");
storeContractOn(name, SHARED_TABLE);
