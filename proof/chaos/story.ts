import type { ChaosViolation } from "./checker.ts";
import type { Diary, DiaryLine } from "./diary.ts";
import type { Attempt, LedgerItem } from "./history.ts";
import { toRecordId } from "./key-view.ts";

/** A violation, with all events of its key in their order. */
export function tellStory(
  { rule, detail, view }: ChaosViolation,
  diary: Pick<Diary, "about">,
): string {
  const headline = `VIOLATION  ${rule}: ${detail}`;
  if (view === undefined) return headline;
  const { history, effects, record } = view;
  return [
    headline,
    `  ${history.api}, ${history.tenant}, key ${history.key}`,
    ...history.orders.map(({ mark, kind }) => `  order ${mark} (${kind})`),
    ...[...history.attempts.flatMap(toLines), ...diary.about(toRecordId(history))]
      .toSorted((one, other) => one.atMs - other.atMs)
      .map(({ atMs, text }) => `  ${String(atMs).padStart(7)} ms  ${text}`),
    `  record: ${record ? toText(record) : "none"}`,
    ...effects.map((effect) => `  ledger: ${toText(effect)}`),
  ].join("\n");
}

function toLines({ order, sentMs, endedMs, response, isLast }: Attempt): DiaryLine[] {
  const received = response
    ? [response.status, response.location, response.text].filter(Boolean).join(" ")
    : "no response";
  const client = `client of order ${order.mark}${isLast ? ", for the last time" : ""}`;
  return [
    { atMs: sentMs, text: `${client}, sends` },
    { atMs: endedMs, text: `${client}, sent at ${sentMs} ms: ${received}` },
  ];
}

function toText(item: LedgerItem): string {
  return JSON.stringify(item);
}
