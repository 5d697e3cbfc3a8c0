import { expect, test } from "@jest/globals";
import { USUAL_OF_QUEUES } from "../../proof/chaos/queue/chances.ts";
import { QUEUE_NAMES } from "../../proof/chaos/queue/history.ts";
import { createGroupPlanner, writeBody } from "../../proof/chaos/queue/plan.ts";
import { createRandom } from "../../proof/kit/random.ts";

function drawGroups(seed: number) {
  const nextGroup = createGroupPlanner(createRandom(seed), USUAL_OF_QUEUES);
  return Array.from({ length: 50 }, () => QUEUE_NAMES.map(nextGroup)).flat();
}

const orders = drawGroups(1).flatMap(({ steps }) => steps.map(({ order }) => order));

test("a seed repeats its decisions", () => {
  expect(drawGroups(1)).toEqual(drawGroups(1));
  expect(drawGroups(2)).not.toEqual(drawGroups(1));
});

test("no two orders have the same mark, so an effect names its order", () => {
  const distinct = new Set(orders);
  expect(new Set([...distinct].map(({ mark }) => mark)).size).toBe(distinct.size);
});

test("each misuse of a queue is drawn: messages sent again, other amounts under a key, every poison", () => {
  const distinct = [...new Set(orders)];
  expect(orders.length).toBeGreaterThan(distinct.length);
  expect(new Set(distinct.map(({ id }) => id)).size).toBeLessThan(distinct.length);
  expect(new Set(distinct.map(({ kind }) => kind))).toEqual(
    new Set(["proper", "unreadable", "failing", "unaffordable"]),
  );
});

test("an outside effect is only drawn where the consumer claims at the start", () => {
  const paying = new Set(orders.flatMap(({ effect, queue }) => (effect === "bank" ? queue : [])));
  expect([...paying].sort()).toEqual(["start", "start.fifo"]);
});

test("the orders of one id differ in their amount alone", () => {
  for (const same of Map.groupBy(new Set(orders), ({ id }) => id).values()) {
    expect(new Set(same.map(({ mark: _, ...rest }) => JSON.stringify(rest))).size).toBe(1);
  }
});

test("a body is the order in JSON, but for an unreadable one", () => {
  const [order] = orders as [(typeof orders)[0]];
  expect(JSON.parse(writeBody({ ...order, kind: "failing" }))).toEqual({
    orderId: order.id,
    account: order.group,
    amountMinor: order.mark,
    effect: order.effect,
    slowMs: order.slowMs,
    fails: true,
  });
  expect(() => JSON.parse(writeBody({ ...order, kind: "unreadable" }))).toThrow(SyntaxError);
});
