import { createValidated } from "./validated.ts";

/** As `validated`, but nothing is claimed before the commit. */
export const handler = createValidated("validated-once", "commit");
