import type { CallResult } from "./function-pool.ts";
import type { ClientOutcome, Item, Story } from "./rules.ts";
import type { Scenario } from "./scenario.ts";

/** The results of a played scenario, before normalization. */
interface Observation {
  readonly stranger: { readonly result: CallResult; readonly foundRecord: boolean } | undefined;
  readonly last: CallResult;
  readonly again: CallResult;
  readonly afterwards: readonly CallResult[];
  readonly ledger: readonly Item[];
  readonly records: readonly Item[];
  readonly payments: readonly Item[];
}

/**
 * Makes two runs of one scenario comparable. Each id is replaced by its number in the order of first
 * appearance, so that an id in a response still matches the ledger; times are replaced by a constant.
 */
export function normalizeStory(
  { stranger, last, again, afterwards, ...books }: Observation,
  { membersInAnyOrder, inputsDiffer }: Pick<Scenario, "membersInAnyOrder" | "inputsDiffer"> = {},
): Story {
  const readOutcome = membersInAnyOrder ? toSortedOutcome : toOutcome;
  const story: Story = {
    ...(stranger && {
      stranger: { outcome: readOutcome(stranger.result), foundRecord: stranger.foundRecord },
    }),
    last: removeMarker(readOutcome(last)),
    again: readOutcome(again),
    afterwards: afterwards.map(readOutcome),
    ledger: sortItems(books.ledger),
    records: sortItems(
      books.records.map(toShape).map((shape) => ({
        ...shape,
        ...(inputsDiffer && { fingerprint: "<fingerprint>" }),
      })),
    ),
    payments: books.payments.map(({ key: _, ...payment }) => payment),
  };
  const ids = new Map<string, string>();
  const toNumber = (id: string) => {
    const known = ids.get(id) ?? `#${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  return JSON.parse(removeTimes(JSON.stringify(story)).replace(IDS, toNumber));
}

const IDS = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?<=po_)[\w-]{43}/g;

/** Replaces ISO 8601 times, seconds in Stripe's responses, and fences, which begin as times. */
function removeTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/((?:created|fence)\\*":)\d+/g, "$10");
}

function toOutcome(result: CallResult): ClientOutcome {
  if (result.kind === "returned") return Object(result.response);
  return { ...(result.kind === "threw" && result.error) };
}

function toSortedOutcome(result: CallResult): ClientOutcome {
  const outcome = toOutcome(result);
  const members = Object.entries(JSON.parse(outcome.body ?? "{}")).sort();
  return { ...outcome, body: JSON.stringify(Object.fromEntries(members)) };
}

const MARKER = "Idempotent-Replayed";

/** Removes the mark of a replay: the death decides whether the last response is a replay. */
function removeMarker(outcome: ClientOutcome & { readonly headers?: object }): ClientOutcome {
  const headers = Object.entries(outcome.headers ?? {}).filter(([name]) => name !== MARKER);
  return { ...outcome, headers: Object.fromEntries(headers) } as ClientOutcome;
}

/** Keeps the parts of a record that depend neither on its writer nor on the time. */
function toShape({ state, fingerprint, ...others }: Item): Item {
  return { state, fingerprint, attributes: Object.keys(others).sort() };
}

/** Sorts items and their attributes: an engine returns both in any order. */
function sortItems(items: readonly Item[]): Item[] {
  const toText = (item: Item) => removeTimes(JSON.stringify(item)).replace(IDS, "");
  return items
    .map((item) => Object.fromEntries(Object.entries(item).sort()))
    .sort((one, other) => toText(one).localeCompare(toText(other)));
}
