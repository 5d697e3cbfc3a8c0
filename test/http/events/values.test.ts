import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { mergeValues, pairsFrom } from "../../../lib/http/events/values.ts";
import { readRequest } from "../../../lib/http/request.ts";
import { albEvent, httpApiEvent, restApiEvent } from "../../support/events.ts";

const readQuery = (event: object) => readRequest(event).query;
const readCharge = (event: object) => readRequest(event).queryParameter("charge");

describe("a query in two maps has the values of both:", () => {
  test.each<[string, object, string[]]>([
    [
      "an empty multi-value map hides nothing",
      { queryStringParameters: { charge: "ch_B" }, multiValueQueryStringParameters: {} },
      ["ch_B"],
    ],
    [
      "an empty single-value map hides nothing",
      { queryStringParameters: {}, multiValueQueryStringParameters: { charge: ["ch_B"] } },
      ["ch_B"],
    ],
    [
      "a last value in both maps counts once",
      {
        queryStringParameters: { charge: "b" },
        multiValueQueryStringParameters: { charge: ["a", "b"] },
      },
      ["a", "b"],
    ],
    [
      "a value in the single-value map alone counts as well",
      {
        queryStringParameters: { charge: "c" },
        multiValueQueryStringParameters: { charge: ["a", "b"] },
      },
      ["a", "b", "c"],
    ],
    [
      "values that were joined are the same values",
      {
        queryStringParameters: { charge: "a,b" },
        multiValueQueryStringParameters: { charge: ["a", "b"] },
      },
      ["a", "b"],
    ],
    [
      "null entries are skipped",
      {
        queryStringParameters: { charge: null },
        multiValueQueryStringParameters: { charge: [null, "a", null], other: null },
      },
      ["a"],
    ],
  ])("%s", (_name, maps, expected) => {
    expect(readCharge({ ...restApiEvent({}), ...maps })).toEqual(expected);
    expect(readCharge({ ...albEvent({}), ...maps })).toEqual(expected);
  });

  test.each<[string, object, [string, string][]]>([
    ["without a raw query", { rawQueryString: "" }, [["charge", "ch_B"]]],
    ["without a member for it", { rawQueryString: undefined }, [["charge", "ch_B"]]],
    [
      "with another raw query",
      { rawQueryString: "tag=a&tag=b" },
      [
        ["tag", "a"],
        ["tag", "b"],
        ["charge", "ch_B"],
      ],
    ],
    ["with the same raw query", { rawQueryString: "charge=ch_B" }, [["charge", "ch_B"]]],
  ])("an HTTP API's map counts %s", (_name, raw, expected) => {
    const event = { ...httpApiEvent(), queryStringParameters: { charge: "ch_B" }, ...raw };
    expect(readQuery(event)).toEqual(expected);
  });

  test("an HTTP API joins the values of one name in its map, and they count once", () => {
    const event = {
      ...httpApiEvent({ query: "tag=a&tag=b&id=1" }),
      queryStringParameters: { tag: "a,b", id: "1" },
    };
    expect(readQuery(event)).toEqual([
      ["tag", "a"],
      ["tag", "b"],
      ["id", "1"],
    ]);
  });
});

describe("headers in two maps have the values of both, in any spelling:", () => {
  test.each<[string, object, string[]]>([
    [
      "an empty multi-value map",
      { headers: { "Idempotency-Key": "k" }, multiValueHeaders: {} },
      ["k"],
    ],
    [
      "an empty list",
      { headers: { "Idempotency-Key": "k" }, multiValueHeaders: { "Idempotency-Key": [] } },
      ["k"],
    ],
    [
      "a null in a list",
      { headers: {}, multiValueHeaders: { "idempotency-key": [null, "k"] } },
      ["k"],
    ],
    [
      "two spellings",
      { headers: { "idempotency-key": "k" }, multiValueHeaders: { "Idempotency-Key": ["k"] } },
      ["k"],
    ],
    [
      "two values",
      { headers: { "idempotency-key": "other" }, multiValueHeaders: { "Idempotency-Key": ["k"] } },
      ["k", "other"],
    ],
    ["a list in the single-value map", { headers: { "Idempotency-Key": ["k"] } }, ["k"]],
  ])("%s", (_name, maps, expected) => {
    for (const event of [restApiEvent({}), albEvent({}, true), httpApiEvent({})]) {
      const request = readRequest({ ...event, multiValueHeaders: undefined, ...maps });
      expect(request.header("Idempotency-Key")).toEqual(expected);
    }
  });
});

test("the merge neither loses nor invents a value", () => {
  const name = fc.constantFrom("a", "A", "b", "__proto__", "constructor");
  const value = fc.constantFrom("1", "2", "", "1,2");
  const single = fc.dictionary(name, value);
  const multi = fc.dictionary(name, fc.array(value));
  fc.assert(
    fc.property(single, multi, (one, many) => {
      const merged = mergeValues(one, many);
      for (const [at, values] of Object.entries(many)) {
        expect(merged.get(at)?.slice(0, values.length)).toEqual(values);
      }
      for (const [at, sent] of Object.entries(one)) {
        const list = merged.get(at) ?? [];
        expect([...list, list.join()]).toContain(sent);
      }
      const sent = new Set<string>([...Object.values(one), ...Object.values(many).flat()]);
      expect(pairsFrom(merged).every(([, found]) => sent.has(found))).toBe(true);
    }),
  );
});
