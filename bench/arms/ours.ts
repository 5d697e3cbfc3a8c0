import middy from "@middy/core";
import { boundedClient, dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type IdempotencyContext, type IdempotencyOptions, idempotent } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { REGION } from "../../local/assembly/pseudo-parameters.ts";
import type { HttpEvent } from "../requests/event.ts";
import type { Arm, Handler, Wiring } from "./arm.ts";
import { work } from "./bare.ts";

type ClaimAt = "start" | "commit";
/** Whether to look up a record before claiming its key. */
export type ReadFirst = NonNullable<IdempotencyOptions["readFirst"]>;
type Form = "Middy" | "wrapper";

/** Our library in one of its forms, claiming at the start or at the commit. */
export function createOurArm(form: Form, claimAt: ClaimAt, readFirst: ReadFirst = "never"): Arm {
  const claimsAtStart = claimAt === "start";
  return {
    name: claimsAtStart ? `ours: ${form}` : `ours: ${form}, at the commit`,
    knows: {
      outsideEffects: claimsAtStart,
      repeats: true,
      inFlight: claimsAtStart,
      mismatch: true,
      cache: claimsAtStart,
    },
    connect: (endpoint) =>
      boundedClient({
        endpoint,
        region: REGION,
        credentials: { accessKeyId: "local", secretAccessKey: "local" },
      }),
    handler(wiring) {
      const options = { ...createOptions(wiring, form, claimAt), readFirst };
      const run = (_event: HttpEvent, { idempotency }: { idempotency: IdempotencyContext }) =>
        wiring.effect === "transfer"
          ? idempotency.commit(wiring.business.writes(), wiring.answer)
          : work(wiring);
      if (form === "wrapper") return idempotent(run as never, options) as Handler;
      return middy()
        .use(idempotency(options as Parameters<typeof idempotency>[0]))
        .handler(run as never) as unknown as Handler;
    },
  };
}

function createOptions({ client, records, cached }: Wiring, form: Form, claimAt: ClaimAt) {
  return {
    store: dynamoDbStore({ tableName: records, client }),
    tenant: (event: HttpEvent) => event.requestContext.authorizer.jwt.claims.sub,
    // Arms share the tables, so they must not share the keys.
    operation: `POST /transfers ${form} ${claimAt}`,
    claimAt,
    ...(cached && { cache: {} }),
  };
}
