import { storeContractOn } from "./on-engine.ts";

storeContractOn("dynoxide");
