import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { makeHandlerIdempotent } from "@aws-lambda-powertools/idempotency/middleware";
import middy from "@middy/core";
import { localClient } from "../../local/tables.ts";
import type { Arm, Handler, Wiring } from "./arm.ts";
import { work } from "./bare.ts";

const KNOWS_ALL = {
  outsideEffects: true,
  repeats: true,
  inFlight: true,
  mismatch: true,
  cache: true,
};

/** Powertools as in its manual for an API: the key in a header, the payload validated. */
export const powertoolsMiddy: Arm = {
  name: "Powertools: Middy",
  knows: KNOWS_ALL,
  connect: localClient,
  handler: (wiring) =>
    middy()
      .use(makeHandlerIdempotent(createOptions(wiring, "powertools-middy")))
      .handler(() => work(wiring)) as unknown as Handler,
};

export const powertoolsWrapper: Arm = {
  name: "Powertools: wrapper",
  knows: KNOWS_ALL,
  connect: localClient,
  handler: (wiring) =>
    makeIdempotent(
      ((_event, _context) => work(wiring)) as Handler,
      createOptions(wiring, "powertools-wrapper"),
    ),
};

function createOptions({ client, records, cached }: Wiring, keyPrefix: string) {
  return {
    keyPrefix,
    persistenceStore: new DynamoDBPersistenceLayer({ tableName: records, awsSdkV3Client: client }),
    config: new IdempotencyConfig({
      eventKeyJmesPath: 'headers."idempotency-key"',
      payloadValidationJmesPath: "body",
      throwOnNoIdempotencyKey: true,
      expiresAfterSeconds: 24 * 3_600,
      useLocalCache: cached,
    }),
  };
}
