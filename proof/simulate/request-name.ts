import type { DynamoDbRequest } from "../kit/planted-faults.ts";

interface Update {
  readonly UpdateExpression?: string;
}

/** The name under which a request is known in ARCHITECTURE.md. */
export function nameRequest({ operation, input }: DynamoDbRequest): string {
  const { UpdateExpression, TransactItems } = input as Update & {
    readonly TransactItems?: readonly { readonly Update?: Update }[];
  };
  if (operation === "GetItem") return "READ";
  if (operation === "Query") return "DUE";
  if (TransactItems === undefined) return nameUpdate(UpdateExpression ?? "");
  const parts = TransactItems.map((item) => nameUpdate(item.Update?.UpdateExpression ?? ""));
  return `transaction of ${parts.join(" and ")}`;
}

const NAMES: readonly [RegExp, string][] = [
  [/:unknown/, "UNKNOWN"],
  [/#due = :due/, "POSTPONE"],
  [/:completed.*\+ :one/, "CLAIM with COMPLETE"],
  [/:completed/, "COMPLETE"],
  [/:claimed/, "CLAIM"],
  [/#steps = /, "CHECKPOINT"],
  [/#leaseUntil = :zero, #expiresAt/, "FREE"],
  [/#leaseUntil = :zero/, "RELEASE"],
  [/effects/, "the payment"],
];

function nameUpdate(expression: string): string {
  return NAMES.find(([pattern]) => pattern.test(expression))?.[1] ?? expression;
}
