import type { Misbehaviour } from "../../../local/demo/bank.ts";
import type { Random } from "../../kit/random.ts";
import type { QueueChances } from "./chances.ts";
import type { QueueName, QueueOrder } from "./history.ts";

/** The messages of one account, in the order in which the producer sends them. */
export interface GroupPlan {
  readonly group: string;
  readonly steps: readonly { readonly order: QueueOrder; readonly pauseMs: number }[];
  /** The behaviour of the bank at its next requests. */
  readonly bank: readonly Misbehaviour[];
}

/** More than any account holds. */
const UNAFFORDABLE = 10 ** 12;
const LONGEST_PAUSE_MS = 150;
const MOST_ORDERS = 6;

/** Draws the messages of another group at each call. */
export function createGroupPlanner(
  random: Random,
  chances: QueueChances,
): (queue: QueueName) => GroupPlan {
  let marks = 0;
  let groups = 0;

  return (queue) => {
    groups += 1;
    const group = `group-${groups}`;
    // An outside effect has no place in a commit. One kind for each group, so that its order shows.
    const effect = queue.startsWith("commit") ? "ledger" : random.pick(chances.effects);
    const orders: QueueOrder[] = [];
    const count = random.integer(1, MOST_ORDERS);
    for (let index = 0; index < count; index += 1) {
      const order = drawOrder({ queue, group, effect });
      orders.push(order);
      if (random.chance(chances.twin)) orders.push(order);
      // A claim of an order that fails binds its key for good, so nothing more could be promised.
      if (order.kind === "proper" && random.chance(chances.otherOrder)) {
        orders.push({ ...order, mark: nextMark() });
      }
    }
    // A producer that sends again later, after other messages.
    const late = orders.filter(() => random.chance(chances.twin / 2));
    const steps = [...orders, ...late].map((order) => ({
      order,
      pauseMs: random.chance(0.5) ? 0 : random.integer(0, LONGEST_PAUSE_MS),
    }));
    const bank = steps.flatMap(() =>
      effect === "bank" && random.chance(chances.bank) ? [drawMisbehaviour()] : [],
    );
    return { group, steps, bank };
  };

  function drawOrder(place: Pick<QueueOrder, "queue" | "group" | "effect">): QueueOrder {
    const kind = random.chance(chances.poison) ? drawPoison(place) : "proper";
    const mark = kind === "unaffordable" ? UNAFFORDABLE + nextMark() : nextMark();
    const slowMs = random.chance(chances.slow) ? drawSlowMs() : 0;
    return { ...place, id: random.uuid(), mark, kind, slowMs };
  }

  function nextMark(): number {
    marks += 1;
    return marks;
  }

  /** At times so long that one invocation has no time for the next record. */
  function drawSlowMs(): number {
    return random.chance(0.8) ? random.integer(20, 400) : random.integer(400, 2_200);
  }

  /** The bank pays any amount. */
  function drawPoison({ effect }: Pick<QueueOrder, "effect">): QueueOrder["kind"] {
    const kind = random.pick<QueueOrder["kind"]>(["unreadable", "failing", "unaffordable"]);
    return kind === "unaffordable" && effect === "bank" ? "failing" : kind;
  }

  function drawMisbehaviour(): Misbehaviour {
    return random.pick<Misbehaviour>([
      "fail",
      "lose-answer",
      { delayMs: random.integer(100, 1_500) },
    ]);
  }
}

/** The body of a message. */
export function writeBody({ id, mark, group, effect, kind, slowMs }: QueueOrder): string {
  if (kind === "unreadable") return `order ${id}`;
  const body = { orderId: id, account: group, amountMinor: mark, effect, slowMs };
  return JSON.stringify({ ...body, fails: kind === "failing" });
}
