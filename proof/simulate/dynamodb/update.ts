import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./errors.ts";
import { attributeName, type Bound, type Item, type Operand, sum } from "./operand.ts";
import { reader, type Tokens } from "./tokens.ts";

/** What an update makes of an item. Everything in it is evaluated on the item as it was before. */
export type Update = (item: Item, bound: Bound) => Item;

/** Reads the text of an update: its clauses SET and REMOVE. */
export const readUpdate = reader(clauses);

type Name = ReturnType<typeof attributeName>;

function clauses(tokens: Tokens): Update {
  const assignments: { readonly name: Name; readonly value: Operand }[] = [];
  const removed: Name[] = [];
  if (tokens.takes("SET")) {
    do {
      const name = attributeName(tokens);
      tokens.expect("=");
      assignments.push({ name, value: sum(tokens) });
    } while (tokens.takes(","));
  }
  if (tokens.takes("REMOVE")) {
    do removed.push(attributeName(tokens));
    while (tokens.takes(","));
  }
  return (item, bound) => {
    const changed: Record<string, AttributeValue> = { ...item };
    for (const { name, value } of assignments) {
      changed[name(bound)] =
        value(item, bound) ?? invalid(`There is no value for ${name(bound)} in the item.`);
    }
    for (const name of removed) delete changed[name(bound)];
    return changed;
  };
}
