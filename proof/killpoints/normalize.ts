import type { CallResult } from "./lane.ts";
import type { Story } from "./scenario.ts";
import type { Item } from "./tables.ts";

/** What was seen of a request, as it was. */
export interface Seen {
  readonly last: CallResult;
  readonly again: CallResult;
  readonly afterwards: readonly CallResult[];
  readonly ledger: readonly Item[];
  readonly records: readonly Item[];
  readonly payments: readonly Item[];
}

/**
 * Makes two runs of one scenario comparable: ids and times are replaced by their number in the order
 * in which they appear, so that an id in an answer is still the one in the ledger.
 */
export function storyOf({ last, again, afterwards, ledger, records, payments }: Seen): Story {
  const answers = {
    last: toldBy(last, true),
    again: toldBy(again),
    afterwards: afterwards.map((result) => toldBy(result)),
  };
  const text = JSON.stringify({
    ...answers,
    ledger: sorted(ledger),
    records: sorted(records.map(shapeOf)),
    payments: payments.map(({ key: _, ...payment }) => payment),
  });
  const ids = new Map<string, string>();
  const nameOf = (id: string) => {
    const known = ids.get(id) ?? `#${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  return JSON.parse(
    text.replace(IDS, nameOf).replace(TIMES, "<time>").replace(SECONDS, "$1<time>"),
  );
}

const IDS = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?<=po_)[\w-]{43}/g;
const TIMES = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
/** In the answers of Stripe. */
const SECONDS = /(created\\*":)\d{10}/g;

/** What the client hears. Whether it is the first answer or a replay of it depends on the death. */
function toldBy(result: CallResult, isFirstOrReplay = false): unknown {
  if (result.kind !== "returned") return "error" in result ? result.error : result;
  const { headers, ...answer } = Object(result.answer) as { headers?: Record<string, string> };
  const { "Idempotent-Replayed": marker, ...others } = headers ?? {};
  return { ...answer, headers: { ...others, ...(!isFirstOrReplay && { replayed: marker }) } };
}

/** Of a record, what does not depend on who wrote it, and when. */
function shapeOf({ state, fingerprint, ...others }: Item): Item {
  return { state, fingerprint, attributes: Object.keys(others).sort() };
}

/** In an order that is the same in every run; engines give items, and what is in them, in any. */
function sorted(items: readonly Item[]): Item[] {
  const textOf = (item: Item) => JSON.stringify(item).replace(IDS, "").replace(TIMES, "");
  return items
    .map((item) => Object.fromEntries(Object.entries(item).sort()))
    .sort((one, other) => textOf(one).localeCompare(textOf(other)));
}
