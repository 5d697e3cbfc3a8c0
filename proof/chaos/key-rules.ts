import type { ClientResponse, Order } from "./history.ts";
import { type KeyView, type ReceivedResponse, readKind, readMark } from "./key-view.ts";

/** A promise about a key. @returns a description of each breach. */
type KeyRule = (view: KeyView) => string[];

/** The promises about each key. */
export const KEY_RULES: Readonly<Record<string, KeyRule>> = {
  "one effect per key": ({ promise, effects }) =>
    effects.length === 0 || isOneOfEach(effects.map(readKind), promise.items)
      ? []
      : [`the effects are ${effects.map(({ id }) => id).join(", ")}`],

  "equal responses": ({ received, promise }) => {
    const settled = received.filter(
      ({ meaning }) => meaning === "done" || meaning === "kept refusal",
    );
    const texts = new Set(settled.map(({ response }) => toText(response)));
    if (promise.repeat === "response") {
      return texts.size > 1
        ? [`the clients got ${texts.size} responses: ${[...texts].join(" and ")}`]
        : [];
    }
    return settled.length > 1
      ? [`${settled.length} requests got a result, and only one may: a repeat is denied`]
      : [];
  },

  "a response is about its own request": ({ received, history, promise, effects }) =>
    received.flatMap(({ order, response, meaning }) => {
      if (meaning !== "done") return [];
      const id = `${promise.items[0]}/${promise.readEntityId(response)}`;
      const found = effects.find((effect) => effect.id === id);
      if (found === undefined)
        return [`a client was told of ${id}, and this key has no such effect`];
      return readMark(found) === order.mark && found.holder === history.tenant
        ? []
        : [
            `the client of order ${order.mark} was told of ${id}, which belongs to another order or tenant`,
          ];
    }),

  "records and effects are the same": ({ record, effects, promise, history }) => {
    const [effect] = effects;
    if (record?.state !== "COMPLETED") {
      return effect === undefined
        ? []
        : [`${effect.id} is done, and the record is ${record?.state ?? "missing"}`];
    }
    const { statusCode, headers, body } = JSON.parse(String(record.response));
    const isDone = statusCode < 300;
    if (isDone !== (effect !== undefined)) {
      return [`the record says ${statusCode}, and ${effect?.id ?? "nothing"} is done`];
    }
    if (!isDone || promise.repeat === "denial") return [];
    const response = { status: statusCode, location: headers?.location ?? null, text: body ?? "" };
    const id = `${promise.items[0]}/${promise.readEntityId(response)}`;
    return effects.some((one) => one.id === id && one.holder === history.tenant)
      ? []
      : [`the record tells of ${id}, and the effect is ${effect?.id}`];
  },

  "no key is stuck": (view) => {
    const { received, record, promise, history } = view;
    const last = received.filter(({ isLast }) => isLast);
    const stuck = last.filter(({ meaning }) => meaning === "again");
    if (stuck.length > 0)
      return stuck.map(({ response }) => `the last response is ${toText(response)}`);
    if (last.length < history.attempts.filter(({ isLast }) => isLast).length) {
      return ["the last request got no response"];
    }
    if (isHeldByMistake(view)) return [];
    if (isInProgress(record)) return [`the record is still ${record?.state}`];
    if (!last.every(isDenied) || last.length === 0) return [];
    if (promise.repeat === "denial" && record?.state === "COMPLETED") return [];
    return ["all last requests were denied, and no request was carried out"];
  },

  "a request that was denied is not carried out": (view) => {
    // A malformed order may have claimed the key first, and freed it when validation refused it.
    const mayBeFreed = view.history.orders.some(({ kind }) => kind === "malformed");
    if (mayBeFreed || view.promise.repeat === "denial") return [];
    const denied = new Set(view.received.filter(isDenied).map(({ order }) => order.mark));
    return view.effects
      .filter((effect) => denied.has(readMark(effect)))
      .map(
        ({ id }) =>
          `${id} is done, and its client was told that the key belongs to another request`,
      );
  },

  "the API defines every response": ({ received }) =>
    received
      .filter(({ meaning }) => meaning === "unexpected")
      .map(({ response }) => `a client got ${toText(response)}`),
};

function isDenied({ meaning }: ReceivedResponse): boolean {
  return meaning === "denied";
}

/**
 * Whether the key belongs to a request that validation refuses. If such a request was interrupted,
 * its claim stays: no later execution can know that nothing had begun. Its client is told of the
 * mistake, unless the API denies every repeat.
 */
function isHeldByMistake({ received, promise, history, effects }: KeyView): boolean {
  const isMistake = ({ kind }: Order) => kind === "malformed";
  if (promise.repeat === "denial") return history.orders.some(isMistake) && effects.length === 0;
  return received.some(
    ({ order, meaning, isLast }) => isLast && isMistake(order) && meaning === "refused",
  );
}

function isOneOfEach(kinds: readonly string[], expected: readonly string[]): boolean {
  return kinds.toSorted().join() === expected.toSorted().join();
}

/** A freed key has a record as well, which counts no claims. */
function isInProgress(record: KeyView["record"]): boolean {
  return record?.state === "CLAIMED" && record.claims !== undefined;
}

function toText({ status, location, text }: ClientResponse): string {
  return [status, location, text].filter((part) => part !== null && part !== "").join(" ");
}
