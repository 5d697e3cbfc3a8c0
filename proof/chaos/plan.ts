import type { Misbehaviour } from "../../local/demo/bank.ts";
import type { Random } from "../kit/random.ts";
import type { Chances } from "./chances.ts";
import { ENCODING_NAMES, type EncodingName } from "./encodings.ts";
import type { KeyHistory, Order } from "./history.ts";

/** The planned requests of one client under one key. */
export interface Visit {
  readonly history: KeyHistory;
  readonly order: Order;
  readonly startAfterMs: number;
  /** Milliseconds after which the client no longer waits for a response. */
  readonly timeoutMs: number;
  /** The number of requests without a final response after which the client gives up. */
  readonly patience: number;
  /** The encoding of every body of this client. */
  readonly encoding: EncodingName;
  /** The number of times that the client repeats an answered request. */
  readonly repeats: number;
}

/** A key with all its clients. */
export interface ChaosPlan {
  readonly visits: readonly Visit[];
  /** The behaviour of the bank at its next requests. */
  readonly bank: readonly Misbehaviour[];
}

/** More than any account holds. */
const UNAFFORDABLE = 10 ** 13;

/** Draws a plan at each call. */
export function createPlanner(
  random: Random,
  chances: Chances,
  tenants: readonly [string, ...string[]],
): () => ChaosPlan {
  let count = 0;

  return () => {
    const api = random.pick(chances.apis);
    const key = random.uuid();
    const first = random.integer(0, tenants.length - 1);
    const users = random.chance(chances.otherTenant) ? tenants.length : 1;
    const visits = Array.from({ length: users }, (_, index) => {
      const tenant = tenants[(first + index) % tenants.length] as string;
      return drawVisits({ api, tenant, key, orders: drawOrders(), attempts: [] });
    });
    const bank = api === "orzcash" && random.chance(chances.bank) ? [drawMisbehaviour()] : [];
    return { visits: visits.flat(), bank };
  };

  function drawVisits(history: KeyHistory): Visit[] {
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
