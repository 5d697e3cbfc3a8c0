/** Deeper nesting than any API has; a text beyond it has no canonical form. */
const DEEPEST = 500;

/**
 * The canonical form of a JSON text: no white space, members in the order of their names, strings
 * in their shortest escape, numbers as they were written.
 *
 * Written for this one purpose because `JSON.parse` forgets what matters here: it rounds numbers
 * (two amounts beyond 2^53 would be the same request), drops all but the last of two members with
 * one name, and gives `__proto__` a meaning.
 *
 * @param keeps whether the member at a JSON pointer (RFC 6901) counts; without it all of them do.
 * @returns `undefined` if the text is not JSON (RFC 8259), or nested deeper than 500 levels.
 */
export function canonicalJson(
  text: string,
  keeps?: (pointer: string) => boolean,
): string | undefined {
  let at = 0;
  try {
    const canonical = value(0, "");
    return at === text.length ? canonical : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return undefined;

  /** Reads a value and the white space around it. */
  function value(depth: number, pointer: string): string {
    if (depth > DEEPEST) throw new SyntaxError();
    skipSpace();
    const first = text[at];
    const canonical = nested(first, depth, pointer) ?? scalar(first);
    skipSpace();
    return canonical;
  }

  function nested(first: string | undefined, depth: number, pointer: string): string | undefined {
    if (first === "{") return object(depth, pointer);
    return first === "[" ? array(depth, pointer) : undefined;
  }

  function object(depth: number, pointer: string): string {
    const members: { name: string; value: string }[] = [];
    list("}", () => {
      skipSpace();
      const name = string();
      skipSpace();
      expect(":");
      const member = keeps === undefined ? "" : `${pointer}/${escapeMember(JSON.parse(name))}`;
      const canonical = value(depth + 1, member);
      if (keeps?.(member) ?? true) members.push({ name, value: canonical });
    });
    // The order is stable, so members of one name keep theirs: {"a":1,"a":2} is not {"a":2,"a":1}.
    members.sort((a, b) => compareNames(a.name, b.name));
    return `{${joined(members.map((member) => `${member.name}:${member.value}`))}}`;
  }

  function array(depth: number, pointer: string): string {
    const items: string[] = [];
    list("]", () => items.push(value(depth + 1, `${pointer}/${items.length}`)));
    return `[${joined(items)}]`;
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

  /** `JSON.parse` judges the string, and its escapes all become the one that it writes. */
  function string(): string {
    PLAIN_STRING.lastIndex = at;
    const plain = PLAIN_STRING.exec(text)?.[0];
    if (plain !== undefined) {
      at += plain.length;
      return plain;
    }
    const start = at;
    expect('"');
    while (text[at] !== '"') {
      at = next(/["\\]/g, at);
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
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  /** Passes over what the pattern matches here, and returns it. */
  function skip(pattern: RegExp): string {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match === undefined) throw new SyntaxError();
    at += match.length;
    return match;
  }

  function next(pattern: RegExp, from: number): number {
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    if (found === null) throw new SyntaxError();
    return found.index;
  }
}

/** A string that is its own canonical form: without escapes, controls and halves of surrogate pairs. */
const PLAIN_STRING = /"[^"\\\p{Cc}\p{Cs}]*"/uy;
const NUMBER_OR_WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The order of names, by their UTF-16 code units. */
export function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A name as a JSON pointer writes it. */
export function escapeMember(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Concatenated, not joined: V8 copies only once, however deeply the parts are nested. */
function joined(parts: readonly string[]): string {
  let text = "";
  for (const part of parts) text += text === "" ? part : `,${part}`;
  return text;
}
