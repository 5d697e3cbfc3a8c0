import type { MiddlewareObj } from "@middy/core";

/** The members that an authoriser adds to the event. */
export interface Authorised {
  holder: string;
}

const HOLDERS = new Map([["Bearer alice", "alice"]]);

/** Stands for a real authoriser, which finds the sender of a request. It runs on repeats too. */
export function authorise(): MiddlewareObj<
  { headers: Record<string, string | undefined> } & Authorised
> {
  return {
    before: ({ event }) => {
      const holder = HOLDERS.get(event.headers.authorization ?? "");
      if (holder === undefined) {
        throw Object.assign(new Error("Authentication is required."), { statusCode: 401 });
      }
      event.holder = holder;
    },
  };
}
