import { readCondition } from "./condition.ts";
import { invalid } from "./errors.ts";
import type { Bound } from "./operand.ts";
import { checkPlaceholders } from "./placeholders.ts";
import { checkSize } from "./size.ts";
import { checkIndexKeys, keyNames, keyText, type Table } from "./table.ts";
import { readUpdate, type Update } from "./update.ts";
import { checkedItem, type Item, projected } from "./value.ts";

/** A write of one item, by itself or in a transaction. */
export interface Write extends Bound {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ReturnValues?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

export type Kind = "Put" | "Update" | "Delete" | "ConditionCheck";

/** The result of a write: the item after it, or a refusal. */
export type Outcome =
  | { readonly applies: true; readonly after: Item | undefined }
  | { readonly applies: false };

/** A write whose request is valid; whether it applies depends on the item that it meets. */
export interface PreparedWrite {
  readonly write: Write;
  readonly table: Table;
  /** The text of its item's key. */
  readonly id: string;
  /** The names of the attributes that an update changes. */
  readonly updated: readonly string[];
  /** @throws ValidationException if the item is not of the form that the update asks for. */
  evaluate(before: Item | undefined): Outcome;
}

const NOTHING: Item = {};

/** @throws ValidationException for a request that can be carried out on no item. */
export function prepareWrite(table: Table, kind: Kind, asked: Write): PreparedWrite {
  const { ConditionExpression, UpdateExpression } = asked;
  const condition =
    ConditionExpression === undefined ? undefined : readCondition(ConditionExpression);
  const update = UpdateExpression === undefined ? undefined : readUpdate(UpdateExpression);
  checkPlaceholders(asked, [condition, update]);
  const values = asked.ExpressionAttributeValues;
  const write = { ...asked, ...(values && { ExpressionAttributeValues: checkedItem(values) }) };
  const id = kind === "Put" ? keyText(table, write.Item, true) : keyText(table, write.Key);
  const updated = update?.meaning.names(write) ?? [];
  checkNames(table, updated);
  const afterPut = kind === "Put" ? checkedPut(write.Item ?? NOTHING) : NOTHING;
  return {
    ...{ write, table, id, updated },
    evaluate(before) {
      if (condition?.meaning(before ?? NOTHING, write) === false) return { applies: false };
      switch (kind) {
        case "Put":
          checkIndexKeys(table, afterPut);
          return { applies: true, after: afterPut };
        case "Delete":
          return { applies: true, after: undefined };
        case "ConditionCheck":
          return { applies: true, after: before };
        case "Update":
          return { applies: true, after: updatedItem(table, update?.meaning, write, before) };
      }
    },
  };
}

function checkedPut(given: Item): Item {
  const item = checkedItem(given);
  checkSize(item, "Item size has exceeded the maximum allowed size");
  return item;
}

function updatedItem(
  table: Table,
  update: Update | undefined,
  write: Write,
  before: Item | undefined,
): Item {
  const item = before ?? checkedItem(write.Key ?? NOTHING);
  if (update === undefined) return item;
  const after = update.apply(item, write);
  checkIndexKeys(table, after);
  checkSize(after, "Item size to update has exceeded the maximum allowed size");
  return after;
}

function checkNames({ key }: Table, updated: readonly string[]): void {
  for (const name of keyNames(key)) {
    if (!updated.includes(name)) continue;
    invalid(
      `One or more parameter values were invalid: Cannot update attribute ${name}. ` +
        "This attribute is part of the key",
    );
  }
  if (new Set(updated).size < updated.length) {
    invalid("Invalid UpdateExpression: Two document paths overlap with each other");
  }
}

/** The attributes that a write returns, by its `ReturnValues`. */
export function returnedAttributes(
  { write, updated }: PreparedWrite,
  before: Item | undefined,
  after: Item | undefined,
): Item | undefined {
  const { ReturnValues = "NONE" } = write;
  if (ReturnValues === "NONE") return undefined;
  const item = ReturnValues.endsWith("OLD") ? before : after;
  if (ReturnValues.startsWith("ALL") || item === undefined) return item;
  const attributes = projected(item, updated);
  return Object.keys(attributes).length === 0 ? undefined : attributes;
}

/** The item in a refusal, if the write asks for it. */
export function refusedItem(
  { write }: PreparedWrite,
  before: Item | undefined,
): { readonly Item?: Item } {
  const isWanted = write.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
  return isWanted && before !== undefined ? { Item: before } : {};
}
