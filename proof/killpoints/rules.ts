import { isDeepStrictEqual } from "node:util";

/** The outcome that a client sees: a response, or the error of the function. */
export interface ClientOutcome {
  readonly statusCode?: number;
  readonly body?: string;
  readonly message?: string;
}

/** All that can be observed of a request, with its ids and times replaced. */
export interface Story {
  /** The outcome of another request under the same key, and whether it found a record. */
  readonly stranger?: { readonly outcome: ClientOutcome; readonly foundRecord: boolean };
  /** The response after which the client stopped retrying. */
  readonly last: ClientOutcome;
  /** The response to one more retry. */
  readonly again: ClientOutcome;
  readonly afterwards: readonly ClientOutcome[];
  readonly ledger: readonly Item[];
  readonly records: readonly Item[];
  readonly payments: readonly Item[];
}

export type Item = Readonly<Record<string, unknown>>;

/** A promise about a story with a death, compared with the control story, which has none. */
export interface Rule {
  /** The promise, in words. */
  readonly promise: string;
  /** @returns the breach of the promise, if there is one. */
  readonly judge: (story: Story, control: Story) => string | undefined;
}

/** The default: the death changes nothing that can be observed. */
export const asUninterrupted: Rule = {
  promise: "as if it had not been interrupted",
  judge(story, control) {
    const names = Object.keys(control) as (keyof Story)[];
    const name = names.find((one) => !isDeepStrictEqual(story[one], control[one]));
    if (name === undefined) return undefined;
    return `${name} is ${JSON.stringify(story[name])}, and without a death ${JSON.stringify(control[name])}`;
  },
};

/** Gluwa: once begun, every repeat is denied. The completer finishes the request, once. */
export const deniedOnceBegun: Rule = {
  promise: "a client gets 202 at most once, and 409 otherwise; all else is as if not interrupted",
  judge({ last, again, ...others }, control) {
    const statuses = `${last.statusCode} ${again.statusCode}`;
    return ["202 409", "409 202", "409 409"].includes(statuses)
      ? asUninterrupted.judge({ ...others, last: control.last, again: control.again }, control)
      : `the responses are ${JSON.stringify([last, again])}`;
  },
};

/** A route without a completer: a request that was not committed in time never is. */
export const unknownOnceBegun: Rule = {
  promise: "the record is UNKNOWN and nothing is done, or all is as if not interrupted",
  judge(story, control) {
    if (story.records[0]?.state !== "UNKNOWN") return deniedOnceBegun.judge(story, control);
    const isUndone = story.ledger.length === control.ledger.length - 1;
    const isDenied = [story.last, story.again].every(({ statusCode }) => statusCode === 409);
    return isUndone && isDenied ? undefined : `the record is UNKNOWN, but ${JSON.stringify(story)}`;
  },
};

/** Another payload never executes under a claim. Without a claim, that payload is the first. */
export const firstPayloadOnly: Rule = {
  promise: "the other payload executes only if it found no record; the client is refused then",
  judge(story, control) {
    if (story.stranger?.foundRecord) {
      return asUninterrupted.judge(story, control);
    }
    const { stranger, last, again } = story;
    const isRefused = isDeepStrictEqual(
      [last, again],
      [control.stranger?.outcome, control.stranger?.outcome],
    );
    return isRefused && stranger?.outcome.statusCode === control.last.statusCode
      ? undefined
      : `the other payload came first, but ${JSON.stringify(story)}`;
  },
};

/** A takeover cannot know the effects of the dead execution, so it frees nothing. */
export const boundAfterTakeover: Rule = {
  promise: "the corrected request is carried out, or refused as another payload under the key",
  judge(story, control) {
    const [corrected] = story.afterwards;
    if (corrected?.statusCode === control.afterwards[0]?.statusCode) {
      return asUninterrupted.judge(story, control);
    }
    const isRefused = [400, 422].includes(corrected?.statusCode ?? 0);
    const isUndone = story.ledger.length === control.ledger.length - 1;
    return isRefused && isUndone ? undefined : `the corrected request: ${JSON.stringify(story)}`;
  },
};

/** A takeover cannot know the effects of the dead execution, so its rejection is final and not free. */
export const rejectedOnEveryAttempt: Rule = {
  promise: "every attempt gets the rejection, and nothing is done",
  judge: ({ records: _, ...story }, { records, ...control }) =>
    asUninterrupted.judge({ ...story, records }, { ...control, records }),
};

/** Without a key, two requests and one request sent twice are the same to the service. */
export const eachForItself: Rule = {
  promise: "each attempt is carried out as a whole or not at all",
  judge(story, control) {
    const { last, again, ledger } = story;
    const made = ledger.filter(({ id }) => String(id).startsWith("transfer/")).length;
    const confirmed = [last, again].filter(({ statusCode }) => statusCode === 201).length;
    const moved = ledger.find(({ id }) => id === "account/acc_bob")?.balanceMinor;
    const isWhole = moved === 100_000 + 100 * made && made >= confirmed && made <= confirmed + 1;
    return isWhole && isDeepStrictEqual(again.statusCode, control.again.statusCode)
      ? undefined
      : `there are ${made} transfers: ${JSON.stringify(story)}`;
  },
};
