/** The tokens of an expression, taken one after the other. */
export interface Tokens {
  /** Takes the next token if it is this one. Keywords are the same in any case. */
  takes(token: string): boolean;
  /** Takes the next token, which must be this one. */
  expect(token: string): void;
  /** Takes the next token, which must be of this form. */
  take(form: RegExp, name: string): string;
}

/** An expression that has been read, and the placeholders in it. */
export interface Parsed<Meaning> {
  readonly meaning: Meaning;
  readonly placeholders: ReadonlySet<string>;
}

/**
 * Makes a reader of expressions that reads each text once: there are few, sent again and again.
 *
 * @throws for what of DynamoDB's language is not known here: it is refused, never guessed at.
 */
export function reader<Meaning>(read: (tokens: Tokens) => Meaning) {
  const known = new Map<string, Parsed<Meaning>>();
  return (text: string): Parsed<Meaning> => {
    let parsed = known.get(text);
    if (parsed === undefined) {
      parsed = readOnce(text, read);
      known.set(text, parsed);
    }
    return parsed;
  };
}

function readOnce<Meaning>(text: string, read: (tokens: Tokens) => Meaning): Parsed<Meaning> {
  const all = text.match(/[:#]?\w+|<>|<=|>=|\S/g) ?? [];
  let at = 0;
  const unexpected = (expected: string) =>
    new Error(`Expected ${expected} but found "${all[at] ?? "the end"}" in: ${text}`);
  const tokens: Tokens = {
    takes(token) {
      const isNext = all[at]?.toUpperCase() === token.toUpperCase();
      if (isNext) at += 1;
      return isNext;
    },
    expect(token) {
      if (!tokens.takes(token)) throw unexpected(`"${token}"`);
    },
    take(form, name) {
      const token = all[at] ?? "";
      if (!form.test(token)) throw unexpected(name);
      at += 1;
      return token;
    },
  };
  const meaning = read(tokens);
  if (at < all.length) throw unexpected("the end");
  return { meaning, placeholders: new Set(all.filter((token) => /^[:#]/.test(token))) };
}
