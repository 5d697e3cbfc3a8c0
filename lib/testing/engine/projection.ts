import { attributeName, type Bound, type Name } from "./operand.ts";
import { checkPlaceholders } from "./placeholders.ts";
import { keyText, type Table } from "./table.ts";
import { reader, type Tokens } from "./tokens.ts";
import { type Item, projected } from "./value.ts";

/** Reads the text of a projection. */
export const readProjection = reader((tokens: Tokens): Name[] => {
  const names: Name[] = [];
  do names.push(attributeName(tokens));
  while (tokens.takes(","));
  return names;
});

/** A read of one item. */
export interface Read extends Bound {
  readonly TableName: string;
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
  readonly ProjectionExpression?: string;
}

/** @param isStale a read that is not consistent misses the last write of its item. */
export function readItem(table: Table, asked: Read, isStale = false): Item | undefined {
  const { ProjectionExpression, ConsistentRead = false } = asked;
  const projection =
    ProjectionExpression === undefined ? undefined : readProjection(ProjectionExpression);
  checkPlaceholders(asked, [projection]);
  const from = isStale && !ConsistentRead ? table.previous : table.items;
  const item = from.get(keyText(table, asked.Key));
  if (projection === undefined || item === undefined) return item;
  return projected(
    item,
    projection.meaning.map((name) => name(asked)),
  );
}
