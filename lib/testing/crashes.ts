import type { StoreCall } from "./faults.ts";

/** The crashes that are to come: points at which the process of an invocation dies. */
export interface CrashPlan {
  /** @returns a promise of the moment of the crash. */
  add(call: StoreCall, moment: "before" | "after"): Promise<void>;
  /** Makes a call, or crashes: then the promise never settles, as no code of a dead process runs. */
  around<Output>(call: StoreCall, send: () => Promise<Output>): Promise<Output>;
  clear(): void;
}

interface PlannedCrash {
  readonly call: StoreCall;
  readonly moment: "before" | "after";
  readonly reached: () => void;
}

export function crashPlan(): CrashPlan {
  const planned: PlannedCrash[] = [];
  return {
    add(call, moment) {
      const { promise, resolve } = Promise.withResolvers<void>();
      planned.push({ call, moment, reached: resolve });
      return promise;
    },
    async around(call, send) {
      const index = planned.findIndex((one) => one.call === call);
      const [crash] = index < 0 ? [] : planned.splice(index, 1);
      if (crash === undefined) return send();
      if (crash.moment === "after") await send();
      crash.reached();
      return new Promise<never>(() => {});
    },
    clear: () => planned.splice(0),
  };
}
