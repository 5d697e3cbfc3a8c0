import type { Violation } from "./checker.ts";
import type { Attempt, LedgerItem } from "./history.ts";

/** A violation, with all that happened to its key, in the order in which it did. */
export function storyOf({ rule, detail, view }: Violation): string {
  const headline = `VIOLATION  ${rule}: ${detail}`;
  if (view === undefined) return headline;
  const { history, effects, record } = view;
  return [
    headline,
    `  ${history.api}, ${history.tenant}, key ${history.key}`,
    ...history.orders.map(({ mark, kind }) => `  order ${mark} (${kind})`),
    ...history.attempts.toSorted((one, other) => one.sentMs - other.sentMs).map(line),
    `  record: ${record ? shown(record) : "none"}`,
    ...effects.map((effect) => `  ledger: ${shown(effect)}`),
  ].join("\n");
}

function line({ order, sentMs, endedMs, answer, isLast }: Attempt): string {
  const heard = answer
    ? [answer.status, answer.location, answer.text].filter(Boolean).join(" ")
    : "no answer";
  const when = `${sentMs}–${endedMs} ms`.padStart(16);
  return `  ${when}  order ${order.mark}${isLast ? ", last" : ""}: ${heard}`;
}

function shown(item: LedgerItem): string {
  return JSON.stringify(item);
}
