import type { ClientAnswer, Order } from "./history.ts";
import { type Heard, type KeyView, kindOf, markOf } from "./key-view.ts";

/** A promise about a key: says how it was broken, once for each time. */
type KeyRule = (view: KeyView) => string[];

/** What each key must have come to. */
export const KEY_RULES: Readonly<Record<string, KeyRule>> = {
  "one effect per key": ({ promise, effects }) =>
    effects.length === 0 || isOneOfEach(effects.map(kindOf), promise.items)
      ? []
      : [`there are ${effects.map(({ id }) => id).join(", ")}`],

  "equal answers": ({ heard, promise }) => {
    const settled = heard.filter(({ meaning }) => meaning === "done" || meaning === "kept refusal");
    const texts = new Set(settled.map(({ answer }) => told(answer)));
    if (promise.repeat === "answer") {
      return texts.size > 1 ? [`there are ${texts.size}: ${[...texts].join(" and ")}`] : [];
    }
    return settled.length > 1 ? [`${settled.length} requests were answered, and not denied`] : [];
  },

  "an answer is about its own request": ({ heard, history, promise, effects }) =>
    heard.flatMap(({ order, answer, meaning }) => {
      if (meaning !== "done") return [];
      const id = `${promise.items[0]}/${promise.toldIn(answer)}`;
      const found = effects.find((effect) => effect.id === id);
      if (found === undefined) return [`${id} was told, and is not there for this key`];
      return markOf(found) === order.mark && found.holder === history.tenant
        ? []
        : [`${id} was told to the client of order ${order.mark}, and is another's`];
    }),

  "records and effects are the same": ({ record, effects, promise, history }) => {
    const [effect] = effects;
    if (record?.state !== "COMPLETED") {
      return effect === undefined
        ? []
        : [`${effect.id} is done, and the record is ${record?.state ?? "not there"}`];
    }
    const { statusCode, headers, body } = JSON.parse(String(record.response));
    const isDone = statusCode < 300;
    if (isDone !== (effect !== undefined)) {
      return [`the record says ${statusCode}, and ${effect?.id ?? "nothing"} is done`];
    }
    if (!isDone || promise.repeat === "denial") return [];
    const answer = { status: statusCode, location: headers?.location ?? null, text: body ?? "" };
    const id = `${promise.items[0]}/${promise.toldIn(answer)}`;
    return effects.some((one) => one.id === id && one.holder === history.tenant)
      ? []
      : [`the record tells of ${id}, and done is ${effect?.id}`];
  },

  "no key is stuck": (view) => {
    const { heard, record, promise, history } = view;
    const last = heard.filter(({ isLast }) => isLast);
    const stuck = last.filter(({ meaning }) => meaning === "again");
    if (stuck.length > 0) return stuck.map(({ answer }) => `the last answer is ${told(answer)}`);
    if (last.length < history.attempts.filter(({ isLast }) => isLast).length) {
      return ["the last request was not answered"];
    }
    if (isOfMistake(view)) return [];
    if (isInProgress(record)) return [`the record is still ${record?.state}`];
    if (!last.every(isDenied) || last.length === 0) return [];
    if (promise.repeat === "denial" && record?.state === "COMPLETED") return [];
    return ["the last requests were all denied, and none was carried out"];
  },

  "a request that was denied is not carried out": (view) => {
    // What validation has refused may have had the key, and have given it back.
    const mayBeFreed = view.history.orders.some(({ kind }) => kind === "malformed");
    if (mayBeFreed || view.promise.repeat === "denial") return [];
    const denied = new Set(view.heard.filter(isDenied).map(({ order }) => order.mark));
    return view.effects
      .filter((effect) => denied.has(markOf(effect)))
      .map(({ id }) => `${id} is done, and its client was told that the key is another's`);
  },

  "an answer is one that the API gives": ({ heard }) =>
    heard
      .filter(({ meaning }) => meaning === "unexpected")
      .map(({ answer }) => `a client got ${told(answer)}`),
};

function isDenied({ meaning }: Heard): boolean {
  return meaning === "denied";
}

/**
 * The key may belong to a request that validation refuses. Where that was interrupted, its claim
 * stays, because nobody knows any more that nothing had begun. Its client is told what is wrong with
 * it, unless the API denies every repeat.
 */
function isOfMistake({ heard, promise, history, effects }: KeyView): boolean {
  const isMistake = ({ kind }: Order) => kind === "malformed";
  if (promise.repeat === "denial") return history.orders.some(isMistake) && effects.length === 0;
  return heard.some(
    ({ order, meaning, isLast }) => isLast && isMistake(order) && meaning === "refused",
  );
}

function isOneOfEach(kinds: readonly string[], expected: readonly string[]): boolean {
  return kinds.toSorted().join() === expected.toSorted().join();
}

/** A key that was freed has a record as well, which counts no claims. */
function isInProgress(record: KeyView["record"]): boolean {
  return record?.state === "CLAIMED" && record.claims !== undefined;
}

function told({ status, location, text }: ClientAnswer): string {
  return [status, location, text].filter((part) => part !== null && part !== "").join(" ");
}
