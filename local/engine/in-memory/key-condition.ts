import { beginsWith, type Condition, comparison } from "./condition.ts";
import { invalid } from "./errors.ts";
import { attributeName, type Bound, boundValue, type Name } from "./operand.ts";
import type { Key } from "./table.ts";
import { reader, type Tokens } from "./tokens.ts";
import { attributeIn, type Item } from "./value.ts";

/** A condition of one attribute of a key. */
interface Part {
  readonly name: Name;
  readonly isEquality: boolean;
  readonly holds: Condition;
}

/** Reads the text of a key condition: one part, or two joined by AND. */
export const readKeyCondition = reader((tokens: Tokens): readonly Part[] => {
  const first = part(tokens);
  return tokens.takes("AND") ? [first, part(tokens)] : [first];
});

/**
 * Whether an item meets a key condition.
 *
 * @throws ValidationException for a condition that does not fit the key.
 */
export function keyPredicate(
  parts: readonly Part[],
  { hash, range }: Key,
  bound: Bound,
): (item: Item) => boolean {
  const named = new Map(parts.map((one) => [one.name(bound), one]));
  const fits =
    named.size === parts.length &&
    named.get(hash)?.isEquality === true &&
    [...named.keys()].every((name) => name === hash || name === range);
  if (!fits) {
    invalid(
      `Query key condition not supported: it must be ${hash} = a value, and may ask for ${range}`,
    );
  }
  return (item) => parts.every(({ holds }) => holds(item, bound));
}

function part(tokens: Tokens): Part {
  if (tokens.takes("(")) {
    const inner = part(tokens);
    tokens.expect(")");
    return inner;
  }
  if (tokens.calls("begins_with")) {
    const name = attributeName(tokens);
    tokens.expect(",");
    const start = boundValue(tokens);
    tokens.expect(")");
    const holds: Condition = (item, bound) => {
      const value = attributeIn(item, name(bound));
      return value !== undefined && beginsWith(value, start(bound));
    };
    return { name, isEquality: false, holds };
  }
  const name = attributeName(tokens);
  const isEquality = tokens.isNext(/^=$/);
  if (tokens.isNext(/^(<>|in)$/i)) tokens.expect("a comparison of keys");
  const holds = comparison(tokens, (item, bound) => attributeIn(item, name(bound)));
  return { name, isEquality, holds };
}
