import type { CallResult } from "./function-pool.ts";
import type { Item, Story, Told } from "./rules.ts";

/** What was seen of a request, as it was. */
interface Seen {
  readonly stranger: { readonly result: CallResult; readonly foundRecord: boolean } | undefined;
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
export function storyOf(
  { stranger, last, again, afterwards, ...books }: Seen,
  answersInAnyOrder = false,
): Story {
  const toldBy = answersInAnyOrder ? toldInOrder : toldAsItIs;
  const story: Story = {
    ...(stranger && {
      stranger: { told: toldBy(stranger.result), foundRecord: stranger.foundRecord },
    }),
    last: withoutMarker(toldBy(last)),
    again: toldBy(again),
    afterwards: afterwards.map(toldBy),
    ledger: sorted(books.ledger),
    records: sorted(books.records.map(shapeOf)),
    payments: books.payments.map(({ key: _, ...payment }) => payment),
  };
  const ids = new Map<string, string>();
  const numberOf = (id: string) => {
    const known = ids.get(id) ?? `#${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  return JSON.parse(withoutTimes(JSON.stringify(story)).replace(IDS, numberOf));
}

const IDS = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?<=po_)[\w-]{43}/g;

/** ISO 8601, and numbers by their names: seconds in Stripe's answers, fences, which begin as times. */
function withoutTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/((?:created|fence)\\*":)\d+/g, "$10");
}

function toldAsItIs(result: CallResult): Told {
  if (result.kind === "returned") return Object(result.answer);
  return { ...(result.kind === "threw" && result.error) };
}

function toldInOrder(result: CallResult): Told {
  const told = toldAsItIs(result);
  const members = Object.entries(JSON.parse(told.body ?? "{}")).sort();
  return { ...told, body: JSON.stringify(Object.fromEntries(members)) };
}

const MARKER = "Idempotent-Replayed";

/** Whether the last answer is the first or a replay of it depends on the death. */
function withoutMarker(told: Told & { readonly headers?: object }): Told {
  const headers = Object.entries(told.headers ?? {}).filter(([name]) => name !== MARKER);
  return { ...told, headers: Object.fromEntries(headers) } as Told;
}

/** Of a record, what does not depend on who wrote it, and when. */
function shapeOf({ state, fingerprint, ...others }: Item): Item {
  return { state, fingerprint, attributes: Object.keys(others).sort() };
}

/** In an order that is the same in every run; engines give items, and what is in them, in any. */
function sorted(items: readonly Item[]): Item[] {
  const textOf = (item: Item) => withoutTimes(JSON.stringify(item)).replace(IDS, "");
  return items
    .map((item) => Object.fromEntries(Object.entries(item).sort()))
    .sort((one, other) => textOf(one).localeCompare(textOf(other)));
}
