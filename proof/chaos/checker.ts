import type { FinalState, KeyHistory } from "./history.ts";
import { KEY_RULES } from "./key-rules.ts";
import { type KeyView, keyViews } from "./key-view.ts";
import { MONEY_RULES } from "./money-rules.ts";

/** A promise that was broken. */
export interface Violation {
  readonly rule: string;
  readonly detail: string;
  /** The key whose it is; `undefined` = it is about everything together. */
  readonly view?: KeyView;
}

/**
 * Judges a run by what its clients saw and by what is there in the end. It knows nothing of how the
 * functions work, of what was done to them, or of when.
 */
export function check(histories: readonly KeyHistory[], final: FinalState): Violation[] {
  const views = keyViews(histories, final);
  return [
    ...Object.entries(KEY_RULES).flatMap(([rule, broken]) =>
      views.flatMap((view) => broken(view).map((detail) => ({ rule, detail, view }))),
    ),
    ...Object.entries(MONEY_RULES).flatMap(([rule, broken]) =>
      broken(final, histories).map((detail) => ({ rule, detail })),
    ),
  ];
}
