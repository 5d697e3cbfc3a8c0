import { FUNDS_MINOR, type QueueFinal, type QueueOrder, type SentMessage } from "./history.ts";

/** A broken promise of a consumer. */
export interface QueueViolation {
  readonly rule: string;
  readonly detail: string;
  /** The id of the order that it is about; `undefined` = all orders together. */
  readonly orderId?: string;
}

/** All messages of one order id, with the effects under that id. */
interface OrderView {
  readonly id: string;
  readonly messages: readonly SentMessage[];
  /** The orders under the id; a second one is a mismatch. */
  readonly orders: readonly QueueOrder[];
  /** The marks of the effects, in the ledger and at the bank. */
  readonly effects: readonly number[];
}

/** A promise about one order id. @returns a description of each breach. */
type OrderRule = (view: OrderView, final: QueueFinal) => string[];

const ORDER_RULES: Readonly<Record<string, OrderRule>> = {
  "one effect per order": ({ effects }) =>
    effects.length > 1 ? [`the effects are ${effects.join(", ")}`] : [],

  "every order takes effect": ({ orders, effects }) =>
    orders.some(isProper) && effects.length === 0 ? ["nothing happened"] : [],

  "a poison message has no effect": ({ orders, effects }) =>
    orders
      .filter((order) => !isProper(order) && effects.includes(order.mark))
      .map(({ mark, kind }) => `${mark} is ${kind}, and took effect`),

  "an acknowledged message has its effect": ({ messages }) =>
    messages.flatMap(({ number, events }) =>
      events
        .filter((event) => event.kind === "acknowledged" && !event.hasEffect)
        .map(({ atMs }) => `message ${number} was acknowledged at ${atMs} ms, before its effect`),
    ),

  "no message is lost": ({ messages }, { dead, waiting }) =>
    messages
      .filter(
        ({ number, events }) =>
          !dead.has(number) &&
          !waiting.has(number) &&
          !events.some(({ kind }) => kind === "acknowledged"),
      )
      .map(({ number }) => `message ${number} is gone, and was never acknowledged`),

  "no message is stuck": ({ messages, effects }, { dead, waiting }) =>
    messages.flatMap(({ number, order }) => {
      if (waiting.has(number)) return [`message ${number} is still in its queue`];
      return dead.has(number) && effects.includes(order.mark)
        ? [`message ${number} is a dead letter, and its order is done`]
        : [];
    }),
};

/** A promise about all orders together. @returns a description of each breach. */
type CommonRule = (final: QueueFinal, messages: readonly SentMessage[]) => string[];

const COMMON_RULES: Readonly<Record<string, CommonRule>> = {
  "a FIFO group takes effect in its order": (final, messages) => {
    const groups = Map.groupBy(messages.filter(isOfFifo), ({ order }) => order.group);
    return [...groups].flatMap(([group, sent]) => findDisorder(group, sent, final));
  },

  "the books balance": ({ books }) =>
    books.flatMap(({ group, entries, balanceMinor, counterpartMinor }) => {
      const movedMinor = entries.reduce((sum, mark) => sum + mark, 0);
      return balanceMinor === FUNDS_MINOR - movedMinor && counterpartMinor === movedMinor
        ? []
        : [`${group} holds ${balanceMinor}, its counterpart ${counterpartMinor}: ${entries}`];
    }),

  "every effect has an order": (final, messages) => {
    const marks = new Set(messages.map(({ order }) => order.mark));
    return listEffects(final)
      .filter((mark) => !marks.has(mark))
      .map((mark) => `no message asked for ${mark}`);
  },
};

/** Judges a run by its messages, the ledger, the bank and the queues, without a look at the consumer. */
export function checkQueues(
  messages: readonly SentMessage[],
  final: QueueFinal,
): readonly QueueViolation[] {
  const views = createViews(messages, final);
  return [
    ...Object.entries(ORDER_RULES).flatMap(([rule, findBreaches]) =>
      views.flatMap((view) =>
        findBreaches(view, final).map((detail) => ({ rule, detail, orderId: view.id })),
      ),
    ),
    ...Object.entries(COMMON_RULES).flatMap(([rule, findBreaches]) =>
      findBreaches(final, messages).map((detail) => ({ rule, detail })),
    ),
  ];
}

function createViews(messages: readonly SentMessage[], final: QueueFinal): OrderView[] {
  const effects = Map.groupBy(listEffects(final), (mark) => mark);
  return [...Map.groupBy(messages, ({ order }) => order.id)].map(([id, sent]) => {
    const orders = [...new Set(sent.map(({ order }) => order))];
    return {
      id,
      messages: sent,
      orders,
      effects: orders.flatMap(({ mark }) => effects.get(mark) ?? []),
    };
  });
}

/** The marks of all effects. */
function listEffects({ books, payments }: QueueFinal): number[] {
  return [
    ...books.flatMap(({ entries }) => entries),
    ...payments.map(({ amountMinor }) => amountMinor),
  ];
}

function isProper({ kind }: QueueOrder): boolean {
  return kind === "proper";
}

function isOfFifo({ order }: SentMessage): boolean {
  return order.queue.endsWith(".fifo");
}

/** The first effects that come before an order that was sent earlier. A dead letter leaves its place in the group. */
function findDisorder(
  group: string,
  sent: readonly SentMessage[],
  { books, payments, dead }: QueueFinal,
): string[] {
  const firstNumbers = new Map<number, number>();
  const outOfLine = new Set<number>();
  for (const { number, order, events } of sent) {
    if (!firstNumbers.has(order.mark)) firstNumbers.set(order.mark, number);
    const hasLeft = dead.has(number) || events.some(({ kind }) => kind === "redriven");
    if (hasLeft) outOfLine.add(order.mark);
  }
  const booked = books.find((one) => one.group === group)?.entries ?? [];
  const paid = payments.flatMap((one) => (one.account === group ? [one.amountMinor] : []));
  // A group has effects of one kind.
  const inLine = [...new Set([...booked, ...paid])].filter((mark) => !outOfLine.has(mark));
  return inLine.flatMap((mark, index) => {
    const before = inLine[index - 1];
    const isLate =
      before !== undefined && (firstNumbers.get(before) ?? 0) > (firstNumbers.get(mark) ?? 0);
    return isLate ? [`${group}: ${mark} took effect after ${before}, and was sent before it`] : [];
  });
}
