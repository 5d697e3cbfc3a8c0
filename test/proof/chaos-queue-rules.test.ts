import { describe, expect, test } from "@jest/globals";
import {
  FUNDS_MINOR,
  type MessageEvent,
  type QueueFinal,
  type QueueOrder,
  type SentMessage,
} from "../../proof/chaos/queue/history.ts";
import { checkQueues } from "../../proof/chaos/queue/rules.ts";
import { tellQueueStory } from "../../proof/chaos/queue/story.ts";

const ORDER: QueueOrder = {
  id: "a",
  mark: 7,
  queue: "start.fifo",
  group: "g",
  effect: "ledger",
  kind: "proper",
  slowMs: 0,
};
const NEXT: QueueOrder = { ...ORDER, id: "b", mark: 9 };
const OTHER_AMOUNT: QueueOrder = { ...ORDER, mark: 8 };
const POISON: QueueOrder = { ...ORDER, id: "c", mark: 5, kind: "failing" };

const DELIVERED: MessageEvent = { atMs: 1, kind: "delivered" };
const RETURNED: MessageEvent = { atMs: 2, kind: "returned" };
const REDRIVEN: MessageEvent = { atMs: 3, kind: "redriven" };
const DONE: MessageEvent = { atMs: 4, kind: "acknowledged", hasEffect: true };
const TOO_EARLY: MessageEvent = { atMs: 4, kind: "acknowledged", hasEffect: false };

function message(number: number, order = ORDER, events = [DELIVERED, DONE]): SentMessage {
  return { number, order, sentMs: 0, events };
}

/** The end of a run in which these orders were booked, in this order. */
function booked(marks: readonly number[], changes: Partial<QueueFinal> = {}): QueueFinal {
  const movedMinor = marks.reduce((sum, mark) => sum + mark, 0);
  const balanceMinor = FUNDS_MINOR - movedMinor;
  const books = [{ group: "g", balanceMinor, counterpartMinor: movedMinor, entries: marks }];
  return { books, payments: [], dead: new Set(), waiting: new Set(), ...changes };
}

const paid = (...marks: number[]) => marks.map((amountMinor) => ({ account: "g", amountMinor }));

/** The broken rules, one entry for each breach. */
function findBrokenRules(messages: SentMessage[], final: QueueFinal): string[] {
  return checkQueues(messages, final).map(({ rule }) => rule);
}

describe("a run is in order if", () => {
  test("an order of two messages was booked once, and the next one after it", () => {
    const messages = [message(0), message(1), message(2, NEXT)];
    expect(checkQueues(messages, booked([7, 9]))).toEqual([]);
  });

  test("the bank has paid an order once", () => {
    const order: QueueOrder = { ...ORDER, effect: "bank" };
    expect(checkQueues([message(0, order)], booked([], { payments: paid(7) }))).toEqual([]);
  });

  test("poison and the other amount under a key are dead letters", () => {
    const messages = [
      message(0),
      message(1, OTHER_AMOUNT, [DELIVERED, RETURNED]),
      message(2, POISON, [DELIVERED, RETURNED]),
    ];
    expect(checkQueues(messages, booked([7], { dead: new Set([1, 2]) }))).toEqual([]);
  });

  test("a dead letter of a FIFO group was moved back, and took effect after the next order", () => {
    const late = message(0, ORDER, [DELIVERED, RETURNED, REDRIVEN, DELIVERED, DONE]);
    expect(checkQueues([late, message(1, NEXT)], booked([9, 7]))).toEqual([]);
  });
});

describe("the checker notices", () => {
  test("an order that was booked twice", () => {
    expect(findBrokenRules([message(0), message(1)], booked([7, 7]))).toEqual([
      "one effect per order",
    ]);
  });

  test("an order that was booked and paid", () => {
    expect(findBrokenRules([message(0)], booked([7], { payments: paid(7) }))).toEqual([
      "one effect per order",
    ]);
  });

  test("two amounts under one key that were both booked", () => {
    const messages = [message(0), message(1, OTHER_AMOUNT)];
    expect(findBrokenRules(messages, booked([7, 8]))).toEqual(["one effect per order"]);
  });

  test("an acknowledged message without its effect", () => {
    expect(findBrokenRules([message(0, ORDER, [TOO_EARLY])], booked([]))).toEqual([
      "every order takes effect",
      "an acknowledged message has its effect",
    ]);
  });

  test("a message that was acknowledged before its effect came", () => {
    expect(findBrokenRules([message(0, ORDER, [TOO_EARLY])], booked([7]))).toEqual([
      "an acknowledged message has its effect",
    ]);
  });

  test("another amount under a key that was acknowledged, and is gone", () => {
    const messages = [message(0), message(1, OTHER_AMOUNT, [DELIVERED, TOO_EARLY])];
    expect(findBrokenRules(messages, booked([7]))).toEqual([
      "an acknowledged message has its effect",
    ]);
  });

  test("poison that took effect", () => {
    const messages = [message(0, POISON, [DELIVERED, RETURNED])];
    expect(findBrokenRules(messages, booked([5], { dead: new Set([0]) }))).toContain(
      "a poison message has no effect",
    );
  });

  test("a message that is nowhere, and was never acknowledged", () => {
    const messages = [message(0), message(1, ORDER, [DELIVERED, RETURNED])];
    expect(findBrokenRules(messages, booked([7]))).toEqual(["no message is lost"]);
  });

  test.each([
    ["is still in its queue", { waiting: new Set([1]) }],
    ["is a dead letter, though its order is done", { dead: new Set([1]) }],
  ])("a message that %s", (_, left) => {
    const messages = [message(0), message(1, ORDER, [DELIVERED, RETURNED])];
    expect(findBrokenRules(messages, booked([7], left))).toEqual(["no message is stuck"]);
  });

  test.each([
    ["in the ledger", booked([9, 7])],
    ["at the bank", booked([], { payments: paid(9, 7) })],
  ])("an order of a FIFO group that came after the next one %s", (_, final) => {
    expect(findBrokenRules([message(0), message(1, NEXT)], final)).toEqual([
      "a FIFO group takes effect in its order",
    ]);
  });

  test("money that appears or disappears", () => {
    const [books] = booked([7]).books;
    const wrong = { ...books, counterpartMinor: 8 } as NonNullable<typeof books>;
    expect(findBrokenRules([message(0)], booked([7], { books: [wrong] }))).toEqual([
      "the books balance",
    ]);
  });

  test("an effect that no message asked for", () => {
    expect(findBrokenRules([message(0)], booked([7, 11]))).toEqual(["every effect has an order"]);
  });
});

test("a standard queue promises no order", () => {
  const inStandard = (order: QueueOrder): QueueOrder => ({ ...order, queue: "start" });
  const messages = [message(0, inStandard(ORDER)), message(1, inStandard(NEXT))];
  expect(checkQueues(messages, booked([9, 7]))).toEqual([]);
});

test("the story of a violation has the messages, the requests and the effects of its order", () => {
  const history = [message(0), message(1)];
  const final = booked([7, 7], { payments: paid(7) });
  const [violation] = checkQueues(history, final);
  const about = () => [{ atMs: 3, text: "startConsumer-1 #5 SET #state = :completed: late" }];
  const story = tellQueueStory(violation as NonNullable<typeof violation>, {
    history,
    final,
    diary: { note: () => {}, about },
  });
  expect(story).toContain("one effect per order: the effects are 7, 7, 7");
  expect(story).toContain("0 ms  message 0 of 7 is sent to start.fifo");
  expect(story).toContain("4 ms  message 1 is acknowledged");
  expect(story).toContain("3 ms  startConsumer-1 #5 SET #state = :completed: late");
  expect(story).toContain('"entries":[7,7]');
  expect(story).toContain('payment: {"account":"g","amountMinor":7}');
});
