import type { Misbehaviour } from "../../local/demo/bank.ts";
import type { Chances } from "./chances.ts";
import { ENCODING_NAMES, type EncodingName } from "./encodings.ts";
import type { KeyHistory, Order } from "./history.ts";
import type { Random } from "./random.ts";

/** What one client is going to do with a key. */
export interface Visit {
  readonly history: KeyHistory;
  readonly order: Order;
  readonly startAfterMs: number;
  /** Milliseconds after which the client no longer waits for an answer. */
  readonly timeoutMs: number;
  /** After so many requests without a final answer the client gives up. */
  readonly patience: number;
  /** How the client writes its body, each time. */
  readonly encoding: EncodingName;
  /** So often the client asks again, though it was answered. */
  readonly repeats: number;
}

/** A key, and everybody who is going to use it. */
export interface Plan {
  readonly visits: readonly Visit[];
  /** What the bank is going to do with the next requests. */
  readonly bank: readonly Misbehaviour[];
}

/** More than any account holds. */
const UNAFFORDABLE = 10 ** 13;

/** Draws plan after plan; the order of the draws is that of the calls. */
export function planner(
  random: Random,
  chances: Chances,
  tenants: readonly [string, ...string[]],
): () => Plan {
  let count = 0;

  return () => {
    const api = random.pick(chances.apis);
    const key = random.uuid();
    const first = random.integer(0, tenants.length - 1);
    const users = random.chance(chances.otherTenant) ? tenants.length : 1;
    const visits = Array.from({ length: users }, (_, index) => {
      const tenant = tenants[(first + index) % tenants.length] as string;
      return visitsOf({ api, tenant, key, orders: drawOrders(), attempts: [] });
    });
    const bank = api === "orzcash" && random.chance(chances.bank) ? [drawMisbehaviour()] : [];
    return { visits: visits.flat(), bank };
  };

  function visitsOf(history: KeyHistory): Visit[] {
    return history.orders.flatMap((order, index) => {
      const visit = () => drawVisit(history, order, index);
      return random.chance(chances.twin) ? [visit(), visit()] : [visit()];
    });
  }

  function drawVisit(history: KeyHistory, order: Order, index: number): Visit {
    return {
      history,
      order,
      startAfterMs: random.integer(0, 60) + index * random.integer(0, 600),
      timeoutMs: random.integer(800, 4_000),
      encoding: random.chance(chances.encoded) ? random.pick(ENCODING_NAMES) : "plain",
      patience: random.integer(1, 6),
      repeats: random.chance(chances.repeat) ? random.integer(1, 2) : 0,
    };
  }

  function drawOrders(): Order[] {
    const orders = [drawOrder()];
    if (random.chance(chances.otherOrder)) orders.push(drawOrder());
    if (random.chance(chances.malformed)) orders.unshift({ mark: nextMark(), kind: "malformed" });
    return orders;
  }

  function drawOrder(): Order {
    return random.chance(chances.unaffordable)
      ? { mark: UNAFFORDABLE + nextMark(), kind: "unaffordable" }
      : { mark: nextMark(), kind: "proper" };
  }

  function nextMark(): number {
    count += 1;
    return count;
  }

  function drawMisbehaviour(): Misbehaviour {
    const delayMs = random.integer(100, 1_500);
    return random.pick<Misbehaviour>(["fail", "lose-answer", "refuse", { delayMs }]);
  }
}
