import { idempotent } from "../../../lib/index.ts";
import { store } from "./pay-outside.ts";

/** A handler that returns a response without the commit that its route requires. */
export const handler = idempotent(() => ({ statusCode: 201 }), {
  store,
  singleTenant: true,
  claimAt: "commit",
  uncommitted: "refuse",
});
