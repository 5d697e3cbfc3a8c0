import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { dfns, gluwa, type IdempotencyOptions, ietf, orzcash } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { ENGINES } from "../support/engines.ts";
import { httpApiEvent } from "../support/events.ts";
import { injectFaults } from "../support/faults.ts";
import { type Behaviour, createTransfer, problemOf, serviceOf } from "../support/service.ts";
import { clientOf, createTable, SHARED_TABLE } from "../support/table.ts";

/* A deployment that cannot work is reported clearly, and never as "come back later". */

const UUID = "0b3c0d4e-5f60-4718-8293-a4b5c6d7e8f9";
const EVENT = httpApiEvent({ key: UUID, body: JSON.stringify({ Idem: UUID, externalId: "e" }) });

const committing: Behaviour = ({ context }) => context.idempotency.commit([], { statusCode: 201 });

describe.each(ENGINES)("on %s,", (name) => {
  let engine: Engine;
  let tableName: string;
  beforeAll(async () => {
    engine = await startEngine({ engine: name });
    tableName = await createTable(clientOf(engine));
  }, 30_000);
  afterAll(() => engine.close());

  const serve = (
    behaviour: Behaviour,
    table: Parameters<typeof dynamoDbStore>[0],
    options: Partial<IdempotencyOptions> = {},
  ) => {
    const store = dynamoDbStore({ client: clientOf(engine), ...table });
    return serviceOf(behaviour, { store, ...options } as never);
  };

  test.each<[string, Partial<IdempotencyOptions>]>([
    ["a claim", {}],
    ["a claim that no repeat may take over", { profile: gluwa() }],
    ["a claim behind a look-up", { readFirst: "always" }],
    ["a read before a refusal", { validate: () => ({ statusCode: 422 }) }],
    ["a claim that may wait", { profile: ietf({ inFlight: { waitMs: 1_000 } }) }],
    ["a claim of steps", { profile: orzcash() }],
    ["a claim with an entity", { profile: dfns("transfer"), loadEntity: () => undefined }],
  ])("the error names a missing table, its Region and its endpoint: %s", async (_name, options) => {
    const { call, runs } = serve(createTransfer, { tableName: "no-such-table" }, options);
    await expect(call(EVENT)).rejects.toMatchObject({
      name: "IdempotencyConfigurationError",
      retryable: false,
      message: expect.stringMatching(
        /the table "no-such-table" in eu-central-1 \(http:\/\/[\w.]+:\d+\): ResourceNotFoundException: .* Does the table exist, in this account and in this Region\?/,
      ),
      cause: { name: "ResourceNotFoundException" },
    });
    expect(runs()).toBe(0);
  });

  test.each(["start", "commit"] as const)(
    "a missing table is named by a commit with claimAt %s, with every table that it writes",
    async (claimAt) => {
      const write = { Put: { TableName: "no-such-ledger", Item: { id: "1" } } };
      const { call } = serve(
        ({ context }) => context.idempotency.commit([write], { statusCode: 201 }),
        { tableName },
        { claimAt },
      );
      await expect(call(httpApiEvent({ key: `missing-${claimAt}` }))).rejects.toMatchObject({
        name: "IdempotencyCommitError",
        message: expect.stringMatching(
          new RegExp(
            `ResourceNotFoundException: .*"${tableName}", "no-such-ledger" in eu-central-1 .*Does the table exist`,
          ),
        ),
      });
    },
  );

  test("a missing table is named when a response is compared with the record", async () => {
    const { call } = serve(
      () => ({ statusCode: 503 }),
      { tableName: "no-such-table" },
      { claimAt: "commit" },
    );
    await expect(call(EVENT)).rejects.toThrow('the table "no-such-table" in eu-central-1');
  });

  test("a table that is gone when the handler has run leaves the outcome open, with the cause", async () => {
    const client = clientOf(engine);
    injectFaults(client, (_command, attempt) => (attempt === 1 ? "none" : "missing-table"));
    const { call, observed } = serve(createTransfer, { tableName, client });
    const answer = await call(httpApiEvent({ key: "gone" }));
    expect(problemOf(answer).code).toBe("outcome_not_recorded");
    expect(observed.at(-1)).toMatchObject({
      cause: { message: expect.stringContaining(`the table "${tableName}"`) },
    });
  });

  test("a table that is gone after a step does not mean that the step did not happen", async () => {
    const client = clientOf(engine);
    // The claim and the mark are written, the step is not.
    injectFaults(client, (_command, attempt) => (attempt <= 2 ? "none" : "missing-table"));
    const steps: string[] = [];
    const { call } = serve(
      async ({ context: { idempotency } }) => {
        await idempotency.step("bank", () => void steps.push("bank")).catch(() => {});
        await idempotency.step("next", () => void steps.push("next"));
        return { statusCode: 201 };
      },
      { tableName, client },
      { profile: orzcash() },
    );
    const answer = await call(httpApiEvent({ key: UUID }));
    expect(problemOf(answer).code).toBe("outcome_not_recorded");
    expect(steps).toEqual(["bank"]);
  });

  describe("a table with another key", () => {
    const EXPECTED =
      'the partition key "id" and no sort key, all of them strings. For a table with another key give dynamoDbStore (and IdempotencyTable) the option keyAttributes.';

    test.each<[string, Behaviour, Partial<IdempotencyOptions>]>([
      ["a claim", createTransfer, {}],
      ["a commit that claims", committing, { claimAt: "commit" }],
      ["a comparison with the record", () => ({ statusCode: 503 }), { claimAt: "commit" }],
    ])("is reported by %s, with the expected key and the option", async (_, behaviour, more) => {
      const other = await createTable(clientOf(engine), SHARED_TABLE);
      const { call } = serve(behaviour, { tableName: other }, more);
      const error = await call(EVENT).catch((thrown) => thrown);
      expect(error.message).toContain(other);
      expect(error.message).toContain("in eu-central-1");
      expect(error.message).toContain(EXPECTED);
      expect(error).toMatchObject({ retryable: false });
    });

    test("is reported also if the options are another table's", async () => {
      const { call } = serve(createTransfer, { tableName, ...SHARED_TABLE });
      await expect(call(EVENT)).rejects.toThrow(
        'Expected: the partition key "pk" and the sort key "sk", all of them strings.',
      );
    });
  });
});
