import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Engine, startEngine } from "../local/engine.ts";
import { httpApiEvent } from "./support/events.ts";
import type { Answer } from "./support/service.ts";
import { clientOf, createTable } from "./support/table.ts";

let engine: Engine;
const environment = { ...process.env };

beforeAll(async () => {
  engine = await startEngine();
  Object.assign(process.env, {
    IDEMPOTENCY_TABLE: await createTable(clientOf(engine)),
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
}, 30_000);

afterAll(async () => {
  process.env = environment;
  await engine.close();
});

test("examples/transfers.ts moves the money once for each key", async () => {
  const { handler } = await import("../examples/transfers.ts");
  const call = handler as unknown as (event: unknown, context: unknown) => Promise<Answer>;
  const request = (key: string) => ({
    ...httpApiEvent({ key }),
    requestContext: {
      http: { method: "POST", path: "/transfers" },
      authorizer: { iam: { userArn: "arn:aws:iam::123456789012:user/alice" } },
    },
  });
  const first = await call(request("a"), {});
  const repeat = await call(request("a"), {});
  const other = await call(request("b"), {});
  expect(first.headers).toEqual({ location: "/transfers/t-1" });
  expect(repeat.headers).toEqual({ location: "/transfers/t-1", "Idempotent-Replayed": "true" });
  expect(other.headers).toEqual({ location: "/transfers/t-2" });
});
