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
import { idOf } from "../../proof/chaos/key-view.ts";
import { PROMISES } from "../../proof/chaos/promises.ts";
import { storyOf } from "../../proof/chaos/story.ts";

const ORDER: Order = { mark: 7, kind: "proper" };
const OTHER: Order = { mark: 9, kind: "proper" };
const MISTAKE: Order = { mark: 8, kind: "malformed" };

/** A request and what came of it. */
function heard(
  status: number,
  text: string,
  { order = ORDER, location = null as string | null, isLast = false } = {},
): Attempt {
  return { order, sentMs: 0, endedMs: 1, answer: { status, location, text }, isLast };
}

const made = (id = "tr_1", more = {}) => heard(201, id, { location: `/transfers/${id}`, ...more });
const mismatch = (order: Order) => heard(422, '"payload_mismatch"', { order });
const unheard: Attempt = { order: ORDER, sentMs: 0, endedMs: 1, answer: undefined, isLast: false };

function history(attempts: Attempt[], changes: Partial<KeyHistory> = {}): KeyHistory {
  const orders = [...new Set(attempts.map(({ order }) => order))];
  return { api: "dwolla", tenant: "alice", key: "k", orders, attempts, ...changes };
}

function transfer(id = "tr_1", changes: object = {}): LedgerItem {
  const parties = { holder: "alice", from: "acc_alice", to: "acc_bob" };
  return { id: `transfer/${id}`, ...parties, amountMinor: ORDER.mark, ...changes };
}

function completed(one: KeyHistory, statusCode = 201, id = "tr_1"): LedgerItem {
  const answer = { statusCode, headers: { location: `/transfers/${id}` }, body: id };
  return { id: idOf(one), state: "COMPLETED", response: JSON.stringify(answer) };
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

/** The rules that were broken, each as often as it was. */
function broken(histories: KeyHistory[], state: FinalState): string[] {
  return check(histories, state).map(({ rule }) => rule);
}

const good = history([unheard, made(), made("tr_1", { isLast: true })]);
const goodEnd = final({ ledger: [transfer()], records: [completed(good)], movedMinor: ORDER.mark });

test("a key whose request was lost, carried out once, and answered the same again, is in order", () => {
  expect(check([good], goodEnd)).toEqual([]);
});

test("a key that nobody could use, and that is free in the end, is in order", () => {
  const refused = history([
    heard(400, "not a transfer", { order: MISTAKE }),
    heard(400, "not a transfer", { order: MISTAKE, isLast: true }),
  ]);
  const freed = { id: idOf(refused), state: "CLAIMED" };
  expect(check([refused], final({ records: [freed] }))).toEqual([]);
});

test("an interrupted claim of what validation refuses may stay, and only that", () => {
  const denied = (order: Order) => heard(409, "Transfer already exists.", { order, isLast: true });
  const claimed = (one: KeyHistory) =>
    final({ records: [{ id: idOf(one), state: "CLAIMED", leaseUntil: 0 }] });
  const mistaken = history([denied(MISTAKE), denied(ORDER)], { api: "gluwa" });
  expect(check([mistaken], claimed(mistaken))).toEqual([]);
  const proper = history([denied(ORDER)], { api: "gluwa" });
  expect(broken([proper], claimed(proper))).toEqual(["no key is stuck"]);
});

describe("the checker notices", () => {
  test("two effects of one key", () => {
    const ledger = [transfer(), transfer("tr_2")];
    const state = final({ ledger, records: [completed(good)], movedMinor: 2 * ORDER.mark });
    expect(broken([good], state)).toEqual(["one effect per key"]);
  });

  test("half of an effect", () => {
    const one = history([], { api: "dfns transfer", orders: [ORDER] });
    const state = final({ ledger: [transfer()], movedMinor: ORDER.mark });
    expect(broken([one], state)).toContain("one effect per key");
  });

  test("two answers for one key", () => {
    const differing = {
      ...made(),
      answer: { status: 201, location: "/transfers/tr_1", text: "x" },
    };
    const one = history([made(), differing]);
    expect(broken([one], goodEnd)).toEqual(["equal answers"]);
  });

  test("an answer where every repeat is to be denied", () => {
    const accepted = () => heard(202, '{"ID":"1"}');
    const one = history([accepted(), accepted()], { api: "gluwa" });
    const records = [completed(one, 202)];
    const state = final({ ledger: [transfer()], records, movedMinor: ORDER.mark });
    expect(broken([one], state)).toEqual(["equal answers"]);
  });

  test("a success of which nothing is there", () => {
    const one = history([made()]);
    expect(broken([one], final())).toEqual(["an answer is about its own request"]);
  });

  test("an answer that is another order's, under the same key", () => {
    const one = history([made(), made("tr_1", { order: OTHER })]);
    expect(broken([one], goodEnd)).toEqual(["an answer is about its own request"]);
  });

  test("an answer that is another tenant's", () => {
    const one = history([made("tr_2")], { tenant: "bob", orders: [OTHER] });
    const theirs = transfer("tr_2", { amountMinor: OTHER.mark });
    const state = final({
      ledger: [theirs],
      records: [completed(one, 201, "tr_2")],
      movedMinor: 9,
    });
    expect(broken([one], state)).toContain("an answer is about its own request");
  });

  test("an effect without a record", () => {
    const state = final({ ledger: [transfer()], movedMinor: ORDER.mark });
    expect(broken([good], state)).toEqual(["records and effects are the same"]);
  });

  test("a record without its effect", () => {
    const one = history([unheard]);
    const state = final({ records: [completed(one)] });
    expect(broken([one], state)).toEqual(["records and effects are the same"]);
  });

  test("a record that tells of another effect", () => {
    const state = { ...goodEnd, records: [completed(good, 201, "tr_2")] };
    expect(broken([good], state)).toEqual(["records and effects are the same"]);
  });

  test.each([
    ["is still to be asked again", heard(409, "in flight", { isLast: true })],
    ["is not answered", { ...unheard, isLast: true }],
    ["is denied, and no other is carried out", { ...mismatch(ORDER), isLast: true }],
  ])("a key whose last request %s", (_, last) => {
    expect(broken([history([last])], final())).toEqual(["no key is stuck"]);
  });

  test("a claim that nobody ends", () => {
    const one = history([unheard]);
    const records = [{ id: idOf(one), state: "CLAIMED", leaseUntil: 1, claims: 1 }];
    expect(broken([one], final({ records }))).toEqual(["no key is stuck"]);
  });

  test("a request that is carried out though it was denied", () => {
    const one = history([mismatch(ORDER), made()]);
    expect(broken([one], goodEnd)).toEqual(["a request that was denied is not carried out"]);
  });

  test("an answer that no API gives", () => {
    const one = history([heard(500, '"payout_stranded"')], { api: "orzcash" });
    expect(broken([one], final())).toEqual(["an answer is one that the API gives"]);
  });

  test("money that is made or lost", () => {
    const state = { ...goodEnd, ledger: final({ ledger: [transfer()], movedMinor: 6 }).ledger };
    // Of both accounts.
    expect(broken([good], state)).toEqual(["money is conserved", "money is conserved"]);
  });

  test("a reservation that is left", () => {
    const reserved = { ...transfer("po_1"), id: "reservation/po_1", to: undefined };
    const one = history([unheard], { api: "orzcash" });
    const ledger = [reserved];
    const state = final({ ledger });
    expect(broken([one], state)).toContain("nothing stays put aside");
  });

  test.each([
    ["a payment that no payout knows", [], [payment()]],
    ["a payout that was paid twice", [payout()], [payment(), payment()]],
    ["a payout that was not paid", [payout()], []],
  ])("%s", (_, ledger, payments) => {
    const one = history([unheard], { api: "orzcash" });
    expect(broken([one], final({ ledger, payments }))).toContain(
      "the bank has paid what the ledger says, once",
    );
  });

  test("what nobody has asked for", () => {
    const state = {
      ...goodEnd,
      records: [...goodEnd.records, { id: "stray", state: "COMPLETED" }],
    };
    expect(broken([good], state)).toEqual(["nothing is done that nobody asked for"]);
    expect(broken([], final({ ledger: [transfer()], movedMinor: 7 }))).toEqual([
      "nothing is done that nobody asked for",
    ]);
  });
});

test("a violation is told with requests, answers, record and ledger of its key", () => {
  const state = final({ ledger: [transfer()], movedMinor: ORDER.mark });
  const [violation] = check([good], state);
  const about = () => [{ atMs: 3, text: "CreateTransfer-1 #5 SET #state = :completed: late" }];
  const story = storyOf(violation as NonNullable<typeof violation>, { about });
  expect(story).toContain("records and effects are the same: transfer/tr_1 is done");
  expect(story).toContain("dwolla, alice, key k");
  expect(story).toContain("no answer");
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
  expect(PROMISES[api].meaningOf({ status, location: null, text })).toBe(meaning);
});

function payment() {
  const rest = { key: "k", account: "DE", amountMinor: ORDER.mark, currency: "EUR" };
  return { paymentId: "pay_1", ...rest };
}

function payout(): LedgerItem {
  const { paymentId, amountMinor } = payment();
  return { id: "payout/po_1", status: "paid", paymentId, amountMinor, from: "acc_alice" };
}
