import { expect, test } from "@jest/globals";
import { readRequest } from "../../lib/http/request.ts";
import { restApiEvent } from "../support/events.ts";

test("many spellings of one name and many values are read in linear time", () => {
  const size = 200_000;
  const timeOf = (count: number) => {
    const spellings = Object.fromEntries(
      Array.from({ length: count }, (_, at) => [spell(at), [`${at}`]]),
    );
    const event = {
      ...restApiEvent({}),
      multiValueHeaders: spellings,
      multiValueQueryStringParameters: { a: Array.from({ length: count }, (_, at) => `${at}`) },
    };
    const started = process.cpuUsage();
    expect(readRequest(event).header("idempotencykeyofmine")).toHaveLength(count);
    return process.cpuUsage(started).user;
  };
  timeOf(size / 10);
  // Ten times as long where it is linear, and a hundred times where it is quadratic.
  expect(timeOf(size)).toBeLessThan(40 * timeOf(size / 10));
});

/** One of the spellings of a name, by the bits of a number. */
function spell(bits: number): string {
  return [..."idempotencykeyofmine"]
    .map((letter, at) => ((bits >> at) & 1 ? letter.toUpperCase() : letter))
    .join("");
}
