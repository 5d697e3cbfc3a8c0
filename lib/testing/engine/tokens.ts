import { invalid, notImplemented } from "./errors.ts";

/** The tokens of an expression, taken one after the other. */
export interface Tokens {
  /** Takes the next token if it is this one. Keywords are the same in any case. */
  takes(token: string): boolean;
  /** Takes the name of this function and its opening bracket if they are next. */
  calls(name: string): boolean;
  /** Takes the next token, which must be this one. */
  expect(token: string): void;
  /** Takes the next token, which must be of this form. */
  take(form: RegExp, name: string): string;
  /** Whether the next token is of this form. */
  isNext(form: RegExp): boolean;
  /** Refuses a part of DynamoDB's language that is not known here: no guess is made. */
  refuse(feature: string): never;
}

/** An expression that has been read, and the placeholders in it. */
export interface Parsed<Meaning> {
  readonly meaning: Meaning;
  readonly placeholders: ReadonlySet<string>;
}

/** So many texts are remembered; programs send fewer, again and again. */
const MAX_KNOWN = 1_000;

/**
 * Makes a reader of expressions that reads each text once.
 *
 * @throws ValidationException for a text that is not in DynamoDB's language, or not in the part of it
 *   that is known here.
 */
export function reader<Meaning>(read: (tokens: Tokens) => Meaning) {
  const known = new Map<string, Parsed<Meaning>>();
  return (text: string): Parsed<Meaning> => {
    let parsed = known.get(text);
    if (parsed === undefined) {
      parsed = readOnce(text, read);
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(text, parsed);
    }
    return parsed;
  };
}

function readOnce<Meaning>(text: string, read: (tokens: Tokens) => Meaning): Parsed<Meaning> {
  const all = text.match(/[:#]?\w+|<>|<=|>=|\S/g) ?? [];
  let at = 0;
  const unexpected = (expected: string) =>
    invalid(`Invalid expression: expected ${expected}, not "${all[at] ?? "the end"}", in: ${text}`);
  const tokens: Tokens = {
    takes(token) {
      const isNext = all[at]?.toUpperCase() === token.toUpperCase();
      if (isNext) at += 1;
      return isNext;
    },
    calls(name) {
      const isNext = all[at] === name && all[at + 1] === "(";
      if (isNext) at += 2;
      return isNext;
    },
    expect(token) {
      if (!tokens.takes(token)) unexpected(`"${token}"`);
    },
    take(form, name) {
      const token = all[at] ?? "";
      if (!form.test(token)) unexpected(name);
      at += 1;
      return token;
    },
    isNext: (form) => form.test(all[at] ?? ""),
    refuse: (feature) => notImplemented(`${feature}, in the expression "${text}",`),
  };
  const meaning = read(tokens);
  if (at < all.length) unexpected("the end");
  return { meaning, placeholders: new Set(all.filter((token) => /^[:#]./.test(token))) };
}
