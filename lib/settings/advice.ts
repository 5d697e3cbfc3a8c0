import type { AdviceCode, Observer } from "../observe.ts";

/** Gives advice to the operator, each piece once for each wrapped handler. */
export type Adviser = (code: AdviceCode, message: string) => void;

/** Makes an adviser that tells an observer. */
export function createAdviser(observe: Observer): Adviser {
  const given = new Set<AdviceCode>();
  return (code, message) => {
    if (given.has(code)) return;
    given.add(code);
    observe({ kind: "advice", code, message });
  };
}
