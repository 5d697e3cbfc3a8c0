import type { DynamoDbRequest } from "../kit/record-updates.ts";

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
  [/:completed.*#fence = :fence/, "CLAIM with COMPLETE"],
  [/:completed/, "COMPLETE"],
  [/:freed/, "FREE"],
  [/:claimed.*#fence = #fence/, "REPLACE"],
  [/:claimed/, "CLAIM"],
  [/#begun = /, "MARK"],
  [/#steps = /, "CHECKPOINT"],
  [/#leaseUntil = :zero/, "RELEASE"],
  [/effects/, "the payment"],
];

function nameUpdate(expression: string): string {
  return NAMES.find(([pattern]) => pattern.test(expression))?.[1] ?? expression;
}
