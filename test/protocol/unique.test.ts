import { describe, expect, test } from "@jest/globals";
import type { Execution } from "../../lib/protocol/execution.ts";
import { isUuid } from "../../lib/protocol/key.ts";
import { entityIdFor, nextToken, uniqueText } from "../../lib/protocol/unique.ts";

const SAME = { randomUUID: () => "the same" };

describe("a unique text", () => {
  test("is so in one process although randomness repeats", () => {
    const texts = Array.from({ length: 100 }, () => uniqueText("owner", SAME, {}));
    expect(new Set(texts).size).toBe(100);
  });

  test("is made of the random numbers as well", () => {
    let drawn = 0;
    const counting = {
      randomUUID: () => {
        drawn += 1;
        return String(drawn);
      },
    };
    uniqueText("owner", counting, {});
    expect(drawn).toBe(1);
  });

  test("is a digest: neither the invocation nor the random numbers can be read from it", () => {
    const text = uniqueText("owner", SAME, { invocationId: "8c0f1e2d" });
    expect(text).toMatch(/^[\w-]{43}$/);
  });
});

describe("the id of an entity", () => {
  test("follows from the id of the record, and is a UUID of version 8", () => {
    const id = entityIdFor("record-1");
    expect(entityIdFor("record-1")).toBe(id);
    expect(entityIdFor("record-2")).not.toBe(id);
    expect(isUuid(id)).toBe(true);
    for (let n = 0; n < 100; n += 1) {
      expect(entityIdFor(String(n))).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });
});

describe("the token of a transaction", () => {
  const createExecution = (owner: string, fence: number | undefined = 7) =>
    ({ owner, fence }) as Execution;

  test("is another one for each transaction of an execution, and 36 characters long", () => {
    const execution = createExecution("me");
    const tokens = Array.from({ length: 10 }, () => nextToken(execution));
    expect(new Set(tokens).size).toBe(10);
    expect(tokens.every((token) => /^[\w-]{36}$/.test(token))).toBe(true);
  });

  test("follows from owner, fence and number, and from nothing that is drawn", () => {
    expect(nextToken(createExecution("me"))).toBe(nextToken(createExecution("me")));
    const others = [
      createExecution("me"),
      createExecution("another"),
      createExecution("me", 8),
      { ...createExecution("me"), fence: undefined },
    ];
    expect(new Set(others.map(nextToken)).size).toBe(4);
  });
});
