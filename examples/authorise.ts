import type { MiddlewareObj } from "@middy/core";

/** What an authoriser leaves in the event. */
export interface Authorised {
  holder: string;
}

const HOLDERS = new Map([["Bearer alice", "alice"]]);

/** Stands for a real authoriser, which finds out the sender of a request. It runs on repeats too. */
export function authorise(): MiddlewareObj<
  { headers: Record<string, string | undefined> } & Authorised
> {
  return {
    before: ({ event }) => {
      const holder = HOLDERS.get(event.headers.authorization ?? "");
      if (holder === undefined) {
        throw Object.assign(new Error("who are you?"), { statusCode: 401 });
      }
      event.holder = holder;
    },
  };
}
