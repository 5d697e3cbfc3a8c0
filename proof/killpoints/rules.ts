import { isDeepStrictEqual } from "node:util";

/** What a client was told: an answer, or the error that the function ended with. */
export interface Told {
  readonly statusCode?: number;
  readonly body?: string;
  readonly message?: string;
}

/** All that can be seen of a request, with the ids and times in it replaced. */
export interface Story {
  /** What a stranger under the same key was told, and whether it found a record there. */
  readonly stranger?: { readonly told: Told; readonly foundRecord: boolean };
  /** The answer on which the client stopped retrying. */
  readonly last: Told;
  /** The answer to one more retry. */
  readonly again: Told;
  readonly afterwards: readonly Told[];
  readonly ledger: readonly Item[];
  readonly records: readonly Item[];
  readonly payments: readonly Item[];
}

export type Item = Readonly<Record<string, unknown>>;

/** What must be true of a story with a death in it, given the one without. */
export interface Rule {
  /** Whose promise it is, in words. */
  readonly promise: string;
  /** @returns what is not as promised. */
  readonly judge: (story: Story, control: Story) => string | undefined;
}

/** Nobody can tell that there was a death. */
export const asUninterrupted: Rule = {
  promise: "as if it had not been interrupted",
  judge(story, control) {
    const names = Object.keys(control) as (keyof Story)[];
    const name = names.find((one) => !isDeepStrictEqual(story[one], control[one]));
    if (name === undefined) return undefined;
    return `${name} is ${JSON.stringify(story[name])}, and uninterrupted ${JSON.stringify(control[name])}`;
  },
};

/** Gluwa: once begun, every repeat is denied. Who finishes it is the completer, once. */
export const deniedOnceBegun: Rule = {
  promise: "a client gets 202 at most once, and 409 otherwise; all else is as if not interrupted",
  judge({ last, again, ...others }, control) {
    const statuses = `${last.statusCode} ${again.statusCode}`;
    return ["202 409", "409 202", "409 409"].includes(statuses)
      ? asUninterrupted.judge({ ...others, last: control.last, again: control.again }, control)
      : `the answers are ${JSON.stringify([last, again])}`;
  },
};

/** Where nobody finishes it: what was not committed will never be. */
export const unknownOnceBegun: Rule = {
  promise: "what died is UNKNOWN with nothing done, or else it is as if not interrupted",
  judge(story, control) {
    if (story.records[0]?.state !== "UNKNOWN") return deniedOnceBegun.judge(story, control);
    const isUndone = story.ledger.length === control.ledger.length - 1;
    const isDenied = [story.last, story.again].every(({ statusCode }) => statusCode === 409);
    return isUndone && isDenied ? undefined : `it is UNKNOWN, but ${JSON.stringify(story)}`;
  },
};

/** Another payload never executes under a claim; where there was none, it is the first. */
export const firstPayloadOnly: Rule = {
  promise: "a stranger executes only if it found no record; the client is the stranger then",
  judge(story, control) {
    if (story.stranger?.foundRecord) {
      return asUninterrupted.judge(story, control);
    }
    const { stranger, last, again } = story;
    const isRefused = isDeepStrictEqual(
      [last, again],
      [control.stranger?.told, control.stranger?.told],
    );
    return isRefused && stranger?.told.statusCode === control.last.statusCode
      ? undefined
      : `the stranger was first, but ${JSON.stringify(story)}`;
  },
};

/** An execution that took over cannot know what the dead one has done, so it frees nothing. */
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

/** Nobody can tell two requests without a key from one that is sent twice. */
export const eachForItself: Rule = {
  promise: "each attempt is carried out as a whole or not at all",
  judge(story, control) {
    const { last, again, ledger } = story;
    const made = ledger.filter(({ id }) => String(id).startsWith("transfer/")).length;
    const answered = [last, again].filter(({ statusCode }) => statusCode === 201).length;
    const moved = ledger.find(({ id }) => id === "account/acc_bob")?.balanceMinor;
    const isWhole = moved === 100_000 + 100 * made && made >= answered && made <= answered + 1;
    return isWhole && isDeepStrictEqual(again.statusCode, control.again.statusCode)
      ? undefined
      : `there are ${made} transfers: ${JSON.stringify(story)}`;
  },
};
