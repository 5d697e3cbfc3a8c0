import type { AdviceCode, Observer } from "../observe.ts";

/** Gives the operator advice: for each wrapped handler, every code once. */
export type Adviser = (code: AdviceCode, message: string) => void;

/** Creates an adviser that reports to an observer. */
export function createAdviser(observe: Observer): Adviser {
  const reported = new Set<AdviceCode>();
  return (code, message) => {
    if (reported.has(code)) return;
    reported.add(code);
    observe({ kind: "advice", code, message });
  };
}
