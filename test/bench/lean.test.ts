import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createTransport as aws4Transport } from "../../bench/lean/aws4-transport.ts";
import { createTransport as aws4fetchTransport } from "../../bench/lean/aws4fetch-transport.ts";
import { LeanClient } from "../../bench/lean/client.ts";
import type { Target, Transport } from "../../bench/lean/transport.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { createRefusal } from "../../local/refusal.ts";
import { storeContract } from "../store/store-contract.ts";
import { ENGINES } from "../support/engines.ts";
import { httpApiEvent } from "../support/events.ts";
import { createTransfer, problemOf, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

const TRANSPORTS = { aws4: aws4Transport, aws4fetch: aws4fetchTransport };

const createTarget = ({ endpoint }: Engine): Target => ({
  endpoint,
  region: "eu-central-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

const storeOver = (transport: Transport, tableName: string) =>
  dynamoDbStore({ tableName, client: new LeanClient(transport) as unknown as DynamoDBClient });

for (const name of ENGINES) {
  describe(`on ${name}`, () => {
    let engine: Engine;
    let tableName: string;
    beforeAll(async () => {
      engine = await startEngine({ engine: name });
      tableName = await createTable(clientOf(engine));
    }, 60_000);
    afterAll(() => engine.close());

    for (const [signer, createTransport] of Object.entries(TRANSPORTS)) {
      let transport: Transport | undefined;
      storeContract(`a store over ${signer}`, () => {
        transport ??= createTransport(createTarget(engine));
        return storeOver(transport, tableName);
      });
    }
  });
}

describe.each(Object.entries(TRANSPORTS))("over %s", (_, createTransport) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine();
  }, 30_000);
  afterAll(() => engine.close());

  /** A service with these faults in its requests, one after the other. */
  async function serviceWith(...faults: ("lost-request" | "lost-answer" | "throttled")[]) {
    const transport = createTransport(createTarget(engine));
    let sent = 0;
    const faulty: Transport = async (...request) => {
      const fault = faults[sent];
      sent += 1;
      if (fault === "lost-request") throw new Error("connection reset");
      if (fault === "throttled") {
        const { status, body } = createRefusal("ThrottlingException");
        return { statusCode: status, body: JSON.stringify(body) };
      }
      const answer = await transport(...request);
      if (fault === "lost-answer") throw new Error("connection reset");
      return answer;
    };
    const tableName = await createTable(clientOf(engine));
    const service = serviceOf(createTransfer, { store: storeOver(faulty, tableName) });
    return { ...service, sent: () => sent };
  }

  test("after a lost answer the claim is recognised as this execution's own: the handler runs once", async () => {
    const { call, runs, sent } = await serviceWith("lost-answer");
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
    expect([runs(), sent()]).toEqual([1, 3]);
    expect((await call(httpApiEvent({ key: "k" }))).body).toBe('{"run":1}');
  });

  test("a throttled or lost request is sent again", async () => {
    const { call, sent } = await serviceWith("throttled", "lost-request");
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
    expect(sent()).toBe(4);
  });

  test("a store that does not answer three times fails closed", async () => {
    const { call, runs } = await serviceWith("lost-request", "lost-request", "lost-request");
    expect(problemOf(await call(httpApiEvent({ key: "k" }))).code).toBe("store_unavailable");
    expect(runs()).toBe(0);
  });
});
