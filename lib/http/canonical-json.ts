import { type Selection, selectMember } from "./pointer-tree.ts";

/** The deepest nesting that has a canonical form. No API needs more levels. */
const DEEPEST = 500;

/**
 * The canonical form of a JSON text: no white space, members in the order of their names, strings
 * in their shortest escape, numbers as they were written.
 *
 * `JSON.parse` does not suffice, because it loses differences: it rounds numbers (two amounts beyond
 * 2^53 would be the same request), keeps only the last of two members with one name, and gives
 * `__proto__` a meaning.
 *
 * @param selection the members that count; by default all of them. An array counts whole where a
 *   pointer leads through it by a name. The whole text counts where it has no included member.
 * @param duplicates "first": of several members with one name only the first is kept.
 * @returns `undefined` if the text is not JSON (RFC 8259), or nested deeper than 500 levels.
 */
export function canonicalJson(
  text: string,
  selection?: Selection,
  duplicates: "all" | "first" = "all",
): string | undefined {
  let at = 0;
  let holdsIncluded = false;
  try {
    const canonical = value(0, selection);
    if (at !== text.length) return undefined;
    // Stryker disable BlockStatement: no error but a SyntaxError is thrown here
    const isWhole = selection?.how !== "include" || (holdsIncluded && canonical.startsWith("{"));
    return isWhole ? canonical : canonicalJson(text, undefined, duplicates);
  } catch (error) {
    // Stryker disable next-line ConditionalExpression: no other error is thrown here
    if (!(error instanceof SyntaxError)) throw error;
  }
  // Stryker restore BlockStatement
  return undefined;

  /** Reads a value and the white space around it. */
  function value(depth: number, selection: Selection | undefined): string {
    if (depth > DEEPEST) throw new SyntaxError();
    skipSpace();
    const first = text[at];
    const canonical = nested(first, depth, selection) ?? scalar(first);
    skipSpace();
    return canonical;
  }

  function nested(
    first: string | undefined,
    depth: number,
    selection: Selection | undefined,
  ): string | undefined {
    if (first === "{") return object(depth, selection);
    return first === "[" ? array(depth, selection) : undefined;
  }

  function object(depth: number, selection: Selection | undefined): string {
    const members: { name: string; value: string }[] = [];
    list("}", () => {
      skipSpace();
      const name = string();
      skipSpace();
      expect(":");
      const canonical = member(depth, selection, () => JSON.parse(name));
      if (canonical !== undefined) members.push({ name, value: canonical });
    });
    // The sort is stable, so members of one name stay in order: {"a":1,"a":2} is not {"a":2,"a":1}.
    members.sort((a, b) => compareNames(a.name, b.name));
    const standing =
      duplicates === "all"
        ? members
        : members.filter(({ name }, i) => members[i - 1]?.name !== name);
    return `{${joinParts(standing.map((member) => `${member.name}:${member.value}`))}}`;
  }

  function array(depth: number, selection: Selection | undefined): string {
    const items: string[] = [];
    const isNamed = selection?.tree.isIndexed === false;
    const inside = isNamed && selection.how === "include" ? undefined : selection;
    list("]", () => {
      const canonical = member(depth, inside, () => String(items.length));
      // The number of elements counts even where an element does not.
      items.push(canonical ?? DROPPED);
    });
    if (inside !== selection && items.length > 0) holdsIncluded = true;
    return `[${joinParts(items)}]`;
  }

  /** Reads the value of a member or an element; `undefined` if it does not count. */
  function member(
    depth: number,
    selection: Selection | undefined,
    name: () => string,
  ): string | undefined {
    if (selection === undefined) return value(depth + 1, undefined);
    const selected = selectMember(selection, name());
    if (selected === "counts") holdsIncluded = true;
    const canonical = value(depth + 1, typeof selected === "string" ? undefined : selected);
    return selected === "dropped" ? undefined : canonical;
  }

  /** Reads `item, item, …` between brackets. */
  function list(close: string, item: () => void): void {
    at += 1;
    skipSpace();
    if (text[at] !== close) {
      item();
      while (text[at] === ",") {
        at += 1;
        item();
      }
    }
    expect(close);
  }

  function scalar(first: string | undefined): string {
    return first === '"' ? string() : skip(NUMBER_OR_WORD);
  }

  /** `JSON.parse` checks the string, and `JSON.stringify` writes each of its escapes in one way. */
  function string(): string {
    const start = at;
    PLAIN_TEXT.lastIndex = at;
    if (PLAIN_TEXT.test(text) && text[PLAIN_TEXT.lastIndex] === '"') {
      at = PLAIN_TEXT.lastIndex + 1;
      return text.slice(start, at);
    }
    expect('"');
    while (text[at] !== '"') {
      QUOTE_OR_ESCAPE.lastIndex = at;
      if (!QUOTE_OR_ESCAPE.test(text)) throw new SyntaxError();
      at = QUOTE_OR_ESCAPE.lastIndex - 1;
      if (text[at] === "\\") at += 2;
    }
    at += 1;
    return JSON.stringify(JSON.parse(text.slice(start, at)));
  }

  function expect(character: string): void {
    if (text[at] !== character) throw new SyntaxError();
    at += 1;
  }

  function skipSpace(): void {
    // Stryker disable next-line EqualityOperator: no white space is behind the end
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  /** Advances past the pattern's match at this position, and returns the match. */
  function skip(pattern: RegExp): string {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match === undefined) throw new SyntaxError();
    at += match.length;
    return match;
  }
}

/** Marks an element that does not count; no JSON value has this text. */
const DROPPED = "-";

/** The part of a string that is its own canonical form: no escapes, controls or halves of surrogate pairs. */
// Stryker disable next-line Regex: a short cut, which gives the same form as the general way
const PLAIN_TEXT = /"[^"\\\p{Cc}\p{Cs}]*/uy;
const QUOTE_OR_ESCAPE = /["\\]/g;
const NUMBER_OR_WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The order of names, by their UTF-16 code units. */
export function compareNames(one: string, other: string): number {
  // Stryker disable next-line ConditionalExpression: the sort of V8 keeps equal names in order either way
  if (one === other) return 0;
  // Stryker disable next-line EqualityOperator: equal names have returned
  return one < other ? -1 : 1;
}

/** Concatenates instead of `join`: V8 then copies the text once, however deep the nesting. */
function joinParts(parts: readonly string[]): string {
  let text = "";
  for (const part of parts) text += text === "" ? part : `,${part}`;
  return text;
}
