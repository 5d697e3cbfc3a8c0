import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { claimedRecord, type Item, readItem } from "../../lib/dynamodb/item.ts";
import type { ClaimedRecord, IdempotencyRecord } from "../../lib/protocol/record.ts";
import { anyText } from "../support/any-text.ts";
import { START_MS } from "../support/clock.ts";
import { quickBrotli } from "../support/encodings.ts";

const CLAIMED: Item = {
  id: { S: "id-1" },
  state: { S: "CLAIMED" },
  owner: { S: "owner-1" },
  fence: { N: String(START_MS + 1) },
  fingerprint: { S: "fingerprint-1" },
  leaseUntil: { N: String(START_MS + 10_000) },
  claims: { N: "1" },
  startedAt: { N: String(START_MS) },
  endsAt: { N: String(START_MS / 1000 + 86_400) },
  expiresAt: { N: String(START_MS / 1000 + 90_000) },
  version: { N: "2" },
};
const { leaseUntil: _lease, claims: _claims, startedAt: _start, ...SETTLED } = CLAIMED;
const COMPLETED: Item = {
  ...SETTLED,
  state: { S: "COMPLETED" },
  response: { S: '{"statusCode":201}' },
};
const UNKNOWN: Item = { ...SETTLED, state: { S: "UNKNOWN" } };
const FREED: Item = { ...SETTLED, state: { S: "FREED" } };

/** The same record as release 0.1 wrote it: its end was the attribute for TTL. */
function old({ endsAt: _, ...item }: Item): Item {
  return {
    ...item,
    version: { N: "1" },
    expiresAt: { N: String(START_MS / 1000 + 86_400) },
  };
}

const COMMON = {
  id: "id-1",
  owner: "owner-1",
  fence: START_MS + 1,
  fingerprint: "fingerprint-1",
  expiresAtSeconds: START_MS / 1000 + 86_400,
};

describe("an item is read as the record that it is:", () => {
  test.each<[string, Item, object]>([
    [
      "CLAIMED",
      CLAIMED,
      {
        ...COMMON,
        state: "CLAIMED",
        leaseUntilMs: START_MS + 10_000,
        claims: 1,
        startedAtMs: START_MS,
      },
    ],
    ["COMPLETED", COMPLETED, { ...COMMON, state: "COMPLETED", response: '{"statusCode":201}' }],
    ["UNKNOWN", UNKNOWN, { ...COMMON, state: "UNKNOWN" }],
    ["FREED", FREED, { ...COMMON, state: "FREED" }],
  ])("%s", (_state, item, record) => {
    expect(readItem(item)).toEqual(record);
    // Release 0.1 marked nothing, so its claims are told apart.
    const { isOld, ...rest } = readItem(old(item)) as ClaimedRecord;
    expect(rest).toEqual(record);
    expect(isOld).toBe(rest.state === "CLAIMED" ? true : undefined);
  });

  test("with its begun mark", () => {
    expect(readItem({ ...CLAIMED, begun: { N: "5" } })).toEqual({
      ...(readItem(CLAIMED) as object),
      begunAtMs: 5,
    });
    expect(readItem(CLAIMED)).not.toHaveProperty("begunAtMs");
  });

  test("one that TTL deletes later has ended at its end, and not at its deletion", () => {
    expect(readItem(COMPLETED).expiresAtSeconds).toBe(START_MS / 1000 + 86_400);
  });

  test("with the id of its entity, and with the steps that are done", () => {
    const steps = {
      L: [{ M: { name: { S: "debit" }, result: { S: "7" } } }, { M: { name: { S: "notify" } } }],
    };
    expect(readItem({ ...CLAIMED, entityId: { S: "e-1" }, steps })).toStrictEqual({
      ...(readItem(CLAIMED) as object),
      entityId: "e-1",
      steps: [
        { name: "debit", result: "7" },
        { name: "notify", result: undefined },
      ],
    });
    expect(readItem(CLAIMED)).not.toHaveProperty("steps");
    expect(readItem({ ...UNKNOWN, entityId: { S: "e-1" } })).toMatchObject({ entityId: "e-1" });
  });

  test("one without an end never ends", () => {
    const { expiresAt: _deleted, endsAt: _ended, ...never } = COMPLETED;
    expect(readItem(never)).not.toHaveProperty("expiresAtSeconds");
    expect(readItem({ ...never, version: { N: "1" } })).not.toHaveProperty("expiresAtSeconds");
  });

  test("a freed record of release 0.1 has ended, and no execution has claimed it since", () => {
    const { claims: _, startedAt: _start, ...rest } = old(CLAIMED);
    const freed = { ...rest, leaseUntil: { N: "0" }, expiresAt: { N: "1" } };
    expect(readItem(freed)).toMatchObject({ expiresAtSeconds: 1, leaseUntilMs: 0, claims: 0 });
  });

  test("attributes of later versions and other tools are ignored", () => {
    const more = { ...COMPLETED, steps: { M: {} }, note: { BOOL: true } };
    expect(readItem(more)).toEqual(readItem(COMPLETED));
  });
});

test("every record is read back as it was written", () => {
  const milliseconds = fc.integer({ min: 0, max: 2 * START_MS });
  const common = {
    id: fc.string(),
    owner: fc.uuid(),
    fence: milliseconds,
    fingerprint: fc.string(),
  };
  const record = fc.oneof(
    fc.record(
      {
        ...common,
        state: fc.constant("CLAIMED" as const),
        leaseUntilMs: milliseconds,
        claims: fc.nat(),
        startedAtMs: milliseconds,
        begunAtMs: milliseconds,
        expiresAtSeconds: milliseconds,
      },
      { requiredKeys: ["id", "owner", "fence", "fingerprint", "state", "leaseUntilMs", "claims"] },
    ),
    fc.record(
      {
        ...common,
        state: fc.constant("COMPLETED" as const),
        response: anyText(),
        expiresAtSeconds: milliseconds,
      },
      { requiredKeys: ["id", "owner", "fence", "fingerprint", "state", "response"] },
    ),
  );
  fc.assert(fc.property(record, (one) => expect(readItem(createItem(one))).toEqual(one)));
});

describe("a damaged item is refused, and the message names the attribute:", () => {
  const items: [string, Item][] = [
    ["CLAIMED", CLAIMED],
    ["COMPLETED", COMPLETED],
    ["UNKNOWN", UNKNOWN],
    ["FREED", FREED],
  ];
  const optional = ["expiresAt", "startedAt", "claims"];
  const required = items.flatMap(([state, item]) =>
    Object.keys(item)
      .filter((name) => !optional.includes(name))
      .map((name) => [state, name, item] as const),
  );
  const all = items.flatMap(([state, item]) =>
    Object.keys(item).map((name) => [state, name, item] as const),
  );

  test.each(required)("%s without %s", (_state, name, item) => {
    const { [name]: _, ...damaged } = item;
    expect(() => readItem(damaged)).toThrow(refusal(name, "missing"));
  });

  // The attribute for TTL is not read, but for records of release 0.1.
  const read = all.filter(([, name]) => name !== "expiresAt");

  test.each(read)("%s with %s of another type", (_state, name, item) => {
    expect(() => readItem({ ...item, [name]: { BOOL: true } })).toThrow(refusal(name, "BOOL"));
    const exchanged = item[name]?.S === undefined ? { S: "1" } : { N: "1" };
    const found = item[name]?.S === undefined ? "type S" : "type N";
    expect(() => readItem({ ...item, [name]: exchanged })).toThrow(refusal(name, found));
  });

  test.each(read.filter(([, name, item]) => item[name]?.N !== undefined))(
    "%s with %s that is no number",
    (_state, name, item) => {
      expect(() => readItem({ ...item, [name]: { N: "soon" } })).toThrow(refusal(name, "number"));
    },
  );

  test.each(read.filter(([, name, item]) => item[name]?.N !== undefined && name !== "version"))(
    "%s with %s out of range",
    (_state, name, item) => {
      for (const number of ["1e300", "-1", "0.5", "9007199254740992", "1e-7"]) {
        expect(() => readItem({ ...item, [name]: { N: number } })).toThrow(
          refusal(name, `a whole number from 0 to 9007199254740991 but is "${number}"`),
        );
      }
      expect(() => readItem({ ...item, [name]: { N: "0" } })).not.toThrow();
    },
  );

  test.each(items)(
    "a %s record of release 0.1 with an expiry that is no number",
    (_state, item) => {
      expect(() => readItem({ ...old(item), expiresAt: { N: "soon" } })).toThrow(
        refusal("expiresAt", "number"),
      );
    },
  );

  test("a begun mark that is no number: begun work is not taken for none", () => {
    expect(() => readItem({ ...CLAIMED, begun: { S: "yes" } })).toThrow(refusal("begun", "type S"));
  });

  test("a version that is no whole number", () => {
    expect(() => readItem({ ...CLAIMED, version: { N: "1.5" } })).toThrow(
      refusal("version", "1.5"),
    );
  });

  test("a few bytes that unpack to more than DynamoDB holds, before they fill the memory", () => {
    const bomb = { B: quickBrotli(Buffer.alloc(50_000_000, "x")) };
    expect(bomb.B.byteLength).toBeLessThan(1_000);
    expect(() => readItem({ ...COMPLETED, response: bomb })).toThrow(refusal("response", "type B"));
    const step = { M: { name: { S: "a" }, result: bomb } };
    expect(() => readItem({ ...CLAIMED, steps: { L: [step] } })).toThrow(
      refusal("steps", "type L"),
    );
  });

  test("steps that each unpack to a size that DynamoDB holds, but not all of them together", () => {
    const result = { B: brotliCompressSync(Buffer.alloc(300_000, "x")) };
    const step = (name: string) => ({ M: { name: { S: name }, result } });
    expect(() => readItem({ ...CLAIMED, steps: { L: [step("a")] } })).not.toThrow();
    const both = { L: [step("a"), step("b")] };
    expect(() => readItem({ ...CLAIMED, steps: both })).toThrow(refusal("steps", "type L"));
    const full = { B: brotliCompressSync(Buffer.alloc(409_599, "x")) };
    const steps = { L: [{ M: { name: { S: "a" }, result: full } }, step("b")] };
    expect(() => readItem({ ...CLAIMED, steps })).toThrow(refusal("steps", "type L"));
  });

  test("a state that does not exist", () => {
    const damaged = { ...CLAIMED, state: { S: "INPROGRESS" } };
    expect(() => readItem(damaged)).toThrow(refusal("state", "INPROGRESS"));
  });

  test("a record of another version: the message says which, and the remedy", () => {
    for (const version of ["0", "3"]) {
      const other = { ...CLAIMED, version: { N: version } };
      expect(() => readItem(other)).toThrow(
        `The record has version ${version}; this version of the library reads versions 1 and 2. Deploy the same version of the library everywhere.`,
      );
      expect(() => readItem(other)).toThrow(refusal("version", version));
    }
  });

  test.each<[string, Item[string]]>([
    ["no list", { S: "reserve" }],
    ["a step that is no map", { L: [{ S: "reserve" }] }],
    ["a step without a name", { L: [{ M: { result: { S: "7" } } }] }],
    ["a step whose name is no text", { L: [{ M: { name: { N: "7" } } }] }],
    ["a step whose result is no text", { L: [{ M: { name: { S: "a" }, result: { N: "7" } } }] }],
    [
      "one of two steps that is none",
      { L: [{ M: { name: { S: "a" } } }, { M: { result: { S: "7" } } }] },
    ],
  ])("steps that cannot be read: %s", (_what, steps) => {
    expect(() => readItem({ ...CLAIMED, steps })).toThrow(
      `The record's attribute "steps" should be a list of steps but is of type ${Object.keys(steps)[0]}. Is the table used by something else as well?`,
    );
  });

  test.each<[string, Item[string] | undefined, string]>([
    ["owner", undefined, "a string but is missing"],
    ["fence", { S: "1" }, "a number but is of type S"],
    ["state", { S: "PAID" }, 'CLAIMED, COMPLETED, UNKNOWN or FREED but is "PAID"'],
  ])("and the expected value: %s", (name, value, told) => {
    const damaged = { ...CLAIMED, [name]: value } as Item;
    expect(() => readItem(damaged)).toThrow(
      `The record's attribute "${name}" should be ${told}. Is the table used by something else as well?`,
    );
  });

  test("a response that is no text", () => {
    expect(() => readItem({ ...COMPLETED, response: { N: "1" } })).toThrow(
      'The record\'s attribute "response" should be a text but is of type N.',
    );
  });

  test("an item of another library", () => {
    const other = { id: { S: "id-1" }, status: { S: "COMPLETED" }, data: { S: "{}" } };
    expect(() => readItem(other)).toThrow(refusal("version", "missing"));
  });

  test("an empty item", () => {
    expect(() => readItem({})).toThrow(refusal("version", "missing"));
  });

  test("and no message shows the stored response", () => {
    const damaged = { ...COMPLETED, response: { S: "4242" }, endsAt: { S: "4242" } };
    expect(() => readItem(damaged)).toThrow(refusal("endsAt", "type S"));
    expect(() => readItem(damaged)).not.toThrow(/4242/);
    const numeric = { ...COMPLETED, response: { N: "4242" } };
    expect(() => readItem(numeric)).toThrow(refusal("response", "type N"));
    expect(() => readItem(numeric)).not.toThrow(/4242/);
  });
});

describe("a claim that was made", () => {
  const claim = {
    ...{ id: "id-1", owner: "owner-2", fingerprint: "fingerprint-1", entityId: "entity-2" },
    ...{ nowMs: START_MS + 60_000, leaseUntilMs: START_MS + 70_000, expiresAtSeconds: 5 },
    takeover: "resume",
  } as const;
  const { nowMs: _now, takeover: _takeover, ...claimed } = claim;

  test("of an unused id begins now, with a fence above the time", () => {
    expect(claimedRecord(claim)).toEqual({
      ...claimed,
      state: "CLAIMED",
      fence: START_MS + 60_001,
      claims: 1,
      startedAtMs: START_MS + 60_000,
    });
  });

  test("goes on with the steps and ids that the dead owner has left", () => {
    const steps = { L: [{ M: { name: { S: "reserve" } } }] };
    expect(claimedRecord(claim, { ...CLAIMED, steps, entityId: { S: "entity-1" } })).toEqual({
      ...claimed,
      state: "CLAIMED",
      fence: START_MS + 2,
      claims: 2,
      startedAtMs: START_MS,
      entityId: "entity-1",
      steps: [{ name: "reserve" }],
    });
  });

  test("goes on with the begun mark that the dead owner has left", () => {
    expect(claimedRecord(claim, { ...CLAIMED, begun: { N: "5" } })).toMatchObject({
      begunAtMs: 5,
      claims: 2,
    });
  });

  test.each<[string, Item]>([
    ["an ended claim", { ...CLAIMED, entityId: { S: "entity-1" }, event: { S: "{}" } }],
    ["an ended claim with unreadable steps", { ...CLAIMED, steps: { S: "reserve" } }],
    ["an ended response", COMPLETED],
    ["a freed record", FREED],
    ["a record of release 0.1", old(CLAIMED)],
  ])(
    "in place of %s begins now, with the next fence, and with nothing of the record",
    (_what, item) => {
      const replaces = { owner: "owner-1", fence: START_MS + 1, state: "CLAIMED" } as const;
      const { replaces: _, ...record } = { ...claimed, replaces };
      expect(claimedRecord({ ...claim, replaces }, item)).toEqual({
        ...record,
        state: "CLAIMED",
        fence: START_MS + 2,
        claims: 1,
        startedAtMs: START_MS + 60_000,
      });
    },
  );

  test("is refused where the steps cannot be read: none of them must run again", () => {
    const item = { ...CLAIMED, steps: { S: "reserve" } };
    expect(() => claimedRecord(claim, item)).toThrow(refusal("steps", "of type S"));
  });
});

function refusal(attribute: string, found: string): unknown {
  return expect.objectContaining({
    name: "IdempotencyRecordError",
    code: "record_unreadable",
    message: expect.stringMatching(new RegExp(`\\b${attribute}\\b.*${found}`)),
  });
}

function createItem(record: IdempotencyRecord): Item {
  const { id, owner, fingerprint, state, fence, expiresAtSeconds } = record;
  return {
    ...{ id: { S: id }, owner: { S: owner }, fingerprint: { S: fingerprint }, state: { S: state } },
    ...{ fence: { N: String(fence) }, version: { N: "2" } },
    ...(expiresAtSeconds === undefined
      ? {}
      : {
          endsAt: { N: String(expiresAtSeconds) },
          expiresAt: { N: String(expiresAtSeconds + 3_600) },
        }),
    ...(record.state === "COMPLETED" ? { response: { S: record.response } } : {}),
    ...(record.state === "CLAIMED"
      ? { leaseUntil: { N: String(record.leaseUntilMs) }, claims: { N: String(record.claims) } }
      : {}),
    ...(record.state === "CLAIMED" && record.startedAtMs !== undefined
      ? { startedAt: { N: String(record.startedAtMs) } }
      : {}),
    ...(record.state === "CLAIMED" && record.begunAtMs !== undefined
      ? { begun: { N: String(record.begunAtMs) } }
      : {}),
  };
}
