import { describe, expect, test } from "@jest/globals";
import { check } from "../../proof/chaos/checker.ts";
import type {
  ApiName,
  Attempt,
  FinalState,
  KeyHistory,
  LedgerItem,
  Order,
} from "../../proof/chaos/history.ts";
import { toRecordId } from "../../proof/chaos/key-view.ts";
import { PROMISES } from "../../proof/chaos/promises.ts";
import { tellStory } from "../../proof/chaos/story.ts";

const ORDER: Order = { mark: 7, kind: "proper" };
const OTHER: Order = { mark: 9, kind: "proper" };
const MISTAKE: Order = { mark: 8, kind: "malformed" };

/** A request with its response. */
function heard(
  status: number,
  text: string,
  { order = ORDER, location = null as string | null, isLast = false } = {},
): Attempt {
  return { order, sentMs: 0, endedMs: 1, response: { status, location, text }, isLast };
}

const made = (id = "tr_1", more = {}) => heard(201, id, { location: `/transfers/${id}`, ...more });
const mismatch = (order: Order) => heard(422, '"payload_mismatch"', { order });
const unheard: Attempt = {
  order: ORDER,
  sentMs: 0,
  endedMs: 1,
  response: undefined,
  isLast: false,
};

function history(attempts: Attempt[], changes: Partial<KeyHistory> = {}): KeyHistory {
  const orders = [...new Set(attempts.map(({ order }) => order))];
  return { api: "dwolla", tenant: "alice", key: "k", orders, attempts, ...changes };
}

function transfer(id = "tr_1", changes: object = {}): LedgerItem {
  const parties = { holder: "alice", from: "acc_alice", to: "acc_bob" };
  return { id: `transfer/${id}`, ...parties, amountMinor: ORDER.mark, ...changes };
}

function completed(one: KeyHistory, statusCode = 201, id = "tr_1"): LedgerItem {
  const response = { statusCode, headers: { location: `/transfers/${id}` }, body: id };
  return { id: toRecordId(one), state: "COMPLETED", response: JSON.stringify(response) };
}

function final(parts: Partial<FinalState> & { movedMinor?: number } = {}): FinalState {
  const { movedMinor = 0, ledger = [], ...others } = parts;
  return {
    records: [],
    payments: [],
    initialMinor: { acc_alice: 100, acc_bob: 100 },
    ...others,
    ledger: [
      { id: "account/acc_alice", holder: "alice", balanceMinor: 100 - movedMinor },
      { id: "account/acc_bob", holder: "bob", balanceMinor: 100 + movedMinor },
      ...ledger,
    ],
  };
}

/** The broken rules, one entry for each breach. */
function findBrokenRules(histories: KeyHistory[], state: FinalState): string[] {
  return check(histories, state).map(({ rule }) => rule);
}

const good = history([unheard, made(), made("tr_1", { isLast: true })]);
const goodEnd = final({ ledger: [transfer()], records: [completed(good)], movedMinor: ORDER.mark });

test("a key is in order if its request was lost, then carried out once, and its repeat got the same response", () => {
  expect(check([good], goodEnd)).toEqual([]);
});

test("a key is in order if its only request was refused by validation and it is free in the end", () => {
  const refused = history([
    heard(400, "not a transfer", { order: MISTAKE }),
    heard(400, "not a transfer", { order: MISTAKE, isLast: true }),
  ]);
  const freed = { id: toRecordId(refused), state: "CLAIMED" };
  expect(check([refused], final({ records: [freed] }))).toEqual([]);
});

test("an interrupted claim may stay only if validation refuses its request", () => {
  const denied = (order: Order) => heard(409, "Transfer already exists.", { order, isLast: true });
  const claimed = (one: KeyHistory) =>
    final({ records: [{ id: toRecordId(one), state: "CLAIMED", leaseUntil: 0 }] });
  const mistaken = history([denied(MISTAKE), denied(ORDER)], { api: "gluwa" });
  expect(check([mistaken], claimed(mistaken))).toEqual([]);
  const proper = history([denied(ORDER)], { api: "gluwa" });
  expect(findBrokenRules([proper], claimed(proper))).toEqual(["no key is stuck"]);
});

describe("the checker notices", () => {
  test("two effects of one key", () => {
    const ledger = [transfer(), transfer("tr_2")];
    const state = final({ ledger, records: [completed(good)], movedMinor: 2 * ORDER.mark });
    expect(findBrokenRules([good], state)).toEqual(["one effect per key"]);
  });

  test("half of an effect", () => {
    const one = history([], { api: "dfns transfer", orders: [ORDER] });
    const state = final({ ledger: [transfer()], movedMinor: ORDER.mark });
    expect(findBrokenRules([one], state)).toContain("one effect per key");
  });

  test("two different responses for one key", () => {
    const differing = {
      ...made(),
      response: { status: 201, location: "/transfers/tr_1", text: "x" },
    };
    const one = history([made(), differing]);
    expect(findBrokenRules([one], goodEnd)).toEqual(["equal responses"]);
  });

  test("a second result at an API that denies every repeat", () => {
    const accepted = () => heard(202, '{"ID":"1"}');
    const one = history([accepted(), accepted()], { api: "gluwa" });
    const records = [completed(one, 202)];
    const state = final({ ledger: [transfer()], records, movedMinor: ORDER.mark });
    expect(findBrokenRules([one], state)).toEqual(["equal responses"]);
  });

  test("a success without its effect", () => {
    const one = history([made()]);
    expect(findBrokenRules([one], final())).toEqual(["a response is about its own request"]);
  });

  test("a response about another order under the same key", () => {
    const one = history([made(), made("tr_1", { order: OTHER })]);
    expect(findBrokenRules([one], goodEnd)).toEqual(["a response is about its own request"]);
  });

  test("a response about another tenant's order", () => {
    const one = history([made("tr_2")], { tenant: "bob", orders: [OTHER] });
    const theirs = transfer("tr_2", { amountMinor: OTHER.mark });
    const state = final({
      ledger: [theirs],
      records: [completed(one, 201, "tr_2")],
      movedMinor: 9,
    });
    expect(findBrokenRules([one], state)).toContain("a response is about its own request");
  });

  test("an effect without a record", () => {
    const state = final({ ledger: [transfer()], movedMinor: ORDER.mark });
    expect(findBrokenRules([good], state)).toEqual(["records and effects are the same"]);
  });

  test("a record without its effect", () => {
    const one = history([unheard]);
    const state = final({ records: [completed(one)] });
    expect(findBrokenRules([one], state)).toEqual(["records and effects are the same"]);
  });

  test("a record that tells of another effect", () => {
    const state = { ...goodEnd, records: [completed(good, 201, "tr_2")] };
    expect(findBrokenRules([good], state)).toEqual(["records and effects are the same"]);
  });

  test.each([
    ["must still be retried", heard(409, "in flight", { isLast: true })],
    ["got no response", { ...unheard, isLast: true }],
    ["is denied, although no request was carried out", { ...mismatch(ORDER), isLast: true }],
  ])("a key whose last request %s", (_, last) => {
    expect(findBrokenRules([history([last])], final())).toEqual(["no key is stuck"]);
  });

  test("a claim that never ends", () => {
    const one = history([unheard]);
    const records = [{ id: toRecordId(one), state: "CLAIMED", leaseUntil: 1, claims: 1 }];
    expect(findBrokenRules([one], final({ records }))).toEqual(["no key is stuck"]);
  });

  test("a request that was denied and is carried out", () => {
    const one = history([mismatch(ORDER), made()]);
    expect(findBrokenRules([one], goodEnd)).toEqual([
      "a request that was denied is not carried out",
    ]);
  });

  test("a response that no API gives", () => {
    const one = history([heard(500, '"payout_stranded"')], { api: "orzcash" });
    expect(findBrokenRules([one], final())).toEqual(["the API defines every response"]);
  });

  test("money that appears or disappears", () => {
    const state = { ...goodEnd, ledger: final({ ledger: [transfer()], movedMinor: 6 }).ledger };
    // One breach for each account.
    expect(findBrokenRules([good], state)).toEqual(["money is conserved", "money is conserved"]);
  });

  test("a reservation that is left", () => {
    const reserved = { ...transfer("po_1"), id: "reservation/po_1", to: undefined };
    const one = history([unheard], { api: "orzcash" });
    const ledger = [reserved];
    const state = final({ ledger });
    expect(findBrokenRules([one], state)).toContain("no money stays reserved");
  });

  test.each([
    ["a payment that no payout names", [], [payment()]],
    ["a payout that was paid twice", [payout()], [payment(), payment()]],
    ["a payout that was not paid", [payout()], []],
  ])("%s", (_, ledger, payments) => {
    const one = history([unheard], { api: "orzcash" });
    expect(findBrokenRules([one], final({ ledger, payments }))).toContain(
      "the bank has paid what the ledger says, once",
    );
  });

  test("a record and an effect without an order", () => {
    const state = {
      ...goodEnd,
      records: [...goodEnd.records, { id: "stray", state: "COMPLETED" }],
    };
    expect(findBrokenRules([good], state)).toEqual(["every effect and record has an order"]);
    expect(findBrokenRules([], final({ ledger: [transfer()], movedMinor: 7 }))).toEqual([
      "every effect and record has an order",
    ]);
  });
});

test("the story of a violation has the requests, responses, record and ledger items of its key", () => {
  const state = final({ ledger: [transfer()], movedMinor: ORDER.mark });
  const [violation] = check([good], state);
  const about = () => [{ atMs: 3, text: "CreateTransfer-1 #5 SET #state = :completed: late" }];
  const story = tellStory(violation as NonNullable<typeof violation>, { about });
  expect(story).toContain("records and effects are the same: transfer/tr_1 is done");
  expect(story).toContain("dwolla, alice, key k");
  expect(story).toContain("no response");
  expect(story).toContain("201 /transfers/tr_1 tr_1");
  expect(story).toContain("3 ms  CreateTransfer-1 #5 SET #state = :completed: late");
  expect(story).toContain("record: none");
  expect(story).toContain('ledger: {"id":"transfer/tr_1"');
});

test.each<[ApiName, number, string, string]>([
  ["gluwa", 409, "Transfer already exists.", "denied"],
  ["gluwa", 409, "try again", "again"],
  ["stripe", 400, '{"error":{"type":"idempotency_error"}}', "denied"],
  ["stripe", 402, "{}", "kept refusal"],
  ["dfns transfer", 409, '{"error":{"id":"payload_mismatch"}}', "denied"],
  ["dfns transfer", 422, "{}", "refused"],
  ["orzcash", 503, "{}", "again"],
  ["dwolla", 401, "{}", "unexpected"],
])("%s's %i %s means: %s", (api, status, text, meaning) => {
  expect(PROMISES[api].readMeaning({ status, location: null, text })).toBe(meaning);
});

function payment() {
  const rest = { key: "k", account: "DE", amountMinor: ORDER.mark, currency: "EUR" };
  return { paymentId: "pay_1", ...rest };
}

function payout(): LedgerItem {
  const { paymentId, amountMinor } = payment();
  return { id: "payout/po_1", status: "paid", paymentId, amountMinor, from: "acc_alice" };
}
