import type { Violation } from "./checker.ts";
import type { Diary, DiaryLine } from "./diary.ts";
import type { Attempt, LedgerItem } from "./history.ts";
import { idOf } from "./key-view.ts";

/** A violation, with all that happened to its key, in the order in which it did. */
export function storyOf({ rule, detail, view }: Violation, diary: Pick<Diary, "about">): string {
  const headline = `VIOLATION  ${rule}: ${detail}`;
  if (view === undefined) return headline;
  const { history, effects, record } = view;
  return [
    headline,
    `  ${history.api}, ${history.tenant}, key ${history.key}`,
    ...history.orders.map(({ mark, kind }) => `  order ${mark} (${kind})`),
    ...[...history.attempts.flatMap(linesOf), ...diary.about(idOf(history))]
      .toSorted((one, other) => one.atMs - other.atMs)
      .map(({ atMs, text }) => `  ${String(atMs).padStart(7)} ms  ${text}`),
    `  record: ${record ? shown(record) : "none"}`,
    ...effects.map((effect) => `  ledger: ${shown(effect)}`),
  ].join("\n");
}

function linesOf({ order, sentMs, endedMs, answer, isLast }: Attempt): DiaryLine[] {
  const heard = answer
    ? [answer.status, answer.location, answer.text].filter(Boolean).join(" ")
    : "no answer";
  const who = `client of order ${order.mark}${isLast ? ", for the last time" : ""}`;
  return [
    { atMs: sentMs, text: `${who}, asks` },
    { atMs: endedMs, text: `${who}, asked at ${sentMs} ms: ${heard}` },
  ];
}

function shown(item: LedgerItem): string {
  return JSON.stringify(item);
}
