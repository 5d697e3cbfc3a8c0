import type { FinalState, KeyHistory } from "./history.ts";
import { KEY_RULES } from "./key-rules.ts";
import { type KeyView, keyViews } from "./key-view.ts";
import { MONEY_RULES } from "./money-rules.ts";

/** A broken promise. */
export interface ChaosViolation {
  readonly rule: string;
  readonly detail: string;
  /** The key that it is about; `undefined` = all keys together. */
  readonly view?: KeyView;
}

/**
 * Judges a run by the responses of its clients and by the items in the end. The checker knows neither
 * the code of the functions nor the faults of the run and their times.
 */
export function check(histories: readonly KeyHistory[], final: FinalState): ChaosViolation[] {
  const views = keyViews(histories, final);
  return [
    ...Object.entries(KEY_RULES).flatMap(([rule, findBreaches]) =>
      views.flatMap((view) => findBreaches(view).map((detail) => ({ rule, detail, view }))),
    ),
    ...Object.entries(MONEY_RULES).flatMap(([rule, findBreaches]) =>
      findBreaches(final, histories).map((detail) => ({ rule, detail })),
    ),
  ];
}
