import { type AttributeValue, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { ietf } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { anyText } from "../support/any-text.ts";
import { httpApiEvent } from "../support/events.ts";
import { problemOf, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

type Item = Record<string, AttributeValue>;

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

/**
 * The record of a request in the given state, in a table of its own. The handler has one step, and
 * fails after the step the first time.
 */
async function createRecord(state: "CLAIMED" | "COMPLETED") {
  const client = clientOf(engine);
  const TableName = await createTable(client);
  const service = serviceOf(
    async ({ count, context }) => {
      await context.idempotency.step("reserve", () => ({ amount: "10.00" }));
      return count === 1 ? { statusCode: 503 } : { statusCode: 201, body: "paid" };
    },
    {
      store: dynamoDbStore({ tableName: TableName, client }),
      profile: ietf({ interrupted: "resume" }),
    },
  );
  const event = httpApiEvent({ key: "hostile-record" });
  await service.call(event);
  if (state === "COMPLETED") await service.call(event);
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  const item: Item = Items[0] ?? {};
  expect(item.state).toEqual({ S: state });
  const write = (Item: Item) => client.send(new PutItemCommand({ TableName, Item }));
  return {
    service,
    event,
    runs: service.runs(),
    item,
    /** Writes the record as another program would. */
    write,
    damage: (changes: Item) => write({ ...item, ...changes }),
  };
}

const attribute = fc.oneof<fc.Arbitrary<AttributeValue>[]>(
  anyText().map((S) => ({ S })),
  fc.integer().map((N) => ({ N: String(N) })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
  fc.uint8Array().map((B) => ({ B })),
  fc.array(fc.string().map((S) => ({ S }))).map((L) => ({ L })),
  fc.constant({ M: { __proto__x: { S: "x" }, statusCode: { N: "201" } } }),
);

const NAMES = [
  ...["state", "owner", "fence", "fingerprint", "version", "leaseUntil", "claims"],
  ...["startedAt", "expiresAt", "endsAt", "begun", "response", "steps", "entityId"],
];

const changes = fc.dictionary(
  fc.constantFrom(...NAMES, "foreign", "__proto__", "constructor"),
  attribute,
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);
const missing = fc.subarray(NAMES, { maxLength: 2 });

test("a claim that another program has overwritten goes on, is refused, or is an error with a name", async () => {
  const { service, event, write, item } = await createRecord("CLAIMED");
  await fc.assert(
    fc.asyncProperty(changes, missing, async (changed, names) => {
      const left = Object.entries({ ...item, ...changed }).filter(
        ([name]) => !names.includes(name),
      );
      await write(Object.fromEntries(left));
      const outcome = await service.call(event).catch((error: Error) => error.name);
      const isAnswer = typeof outcome === "object" && Number.isInteger(outcome.statusCode);
      expect(isAnswer || outcome).toEqual(
        isAnswer || expect.stringMatching(/^Idempotency(Step|Record)Error$/),
      );
    }),
    { numRuns: 300 },
  );
  expect({}).not.toHaveProperty("statusCode");
});

test("a completed record that another program has overwritten is replayed or refused, and nothing runs", async () => {
  const { service, event, runs, write, item } = await createRecord("COMPLETED");
  await fc.assert(
    fc.asyncProperty(changes, missing, async (changed, names) => {
      // A record that has ended, was freed, or is a claim would be another use of the key.
      const isOther = ["CLAIMED", "FREED"].includes(changed.state?.S ?? "");
      fc.pre(changed.endsAt?.N === undefined && changed.version?.N === undefined && !isOther);
      const left = Object.entries({ ...item, ...changed }).filter(
        ([name]) => !names.includes(name),
      );
      await write(Object.fromEntries(left));
      const response = await service.call(event);
      expect(Number.isInteger(response.statusCode)).toBe(true);
      expect(service.runs()).toBe(runs);
    }),
    { numRuns: 300 },
  );
  expect({}).not.toHaveProperty("statusCode");
});

test.each([
  ["no JSON", '{"statusCode":201'],
  ["JSON of something else", '["paid"]'],
  ["a text", '"paid"'],
  ["nothing", "null"],
])(
  "a stored response that is %s is refused as unreadable, and the handler does not run",
  async (_, text) => {
    const { service, event, runs, damage } = await createRecord("COMPLETED");
    await damage({ response: { S: text } });
    const refused = await service.call(event);
    expect([refused.statusCode, problemOf(refused).code]).toEqual([500, "record_unreadable"]);
    expect(service.observed.at(-1)).toMatchObject({
      kind: "refused",
      cause: { message: expect.stringContaining('"response" is not the text of a response') },
    });
    expect(service.runs()).toBe(runs);
  },
);

test("a step's result that is no JSON is neither skipped nor repeated", async () => {
  const { service, event, damage } = await createRecord("CLAIMED");
  await damage({ steps: { L: [{ M: { name: { S: "reserve" }, result: { S: '{"amount":' } } }] } });
  await expect(service.call(event)).rejects.toThrow('no JSON text as the result of "reserve"');
});

test("a lapsed claim of another version is not taken over", async () => {
  const { service, event, runs, damage } = await createRecord("CLAIMED");
  await damage({ version: { N: "3" } });
  expect(problemOf(await service.call(event)).code).toBe("record_unreadable");
  expect(service.runs()).toBe(runs);
});
