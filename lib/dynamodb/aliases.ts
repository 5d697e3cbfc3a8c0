import type { TableLayout } from "./layout.ts";

/** Attributes by the text of the expressions, which are few and the same for every request. */
const known = new Map<string, readonly string[]>();

/**
 * `#attribute: "its name in the table"` for each alias that the expressions use. DynamoDB refuses
 * unused ones.
 */
export function aliases({ names }: TableLayout, ...expressions: string[]): Record<string, string> {
  const text = expressions.join(" ");
  const attributes = known.get(text) ?? attributesIn(text);
  // Stryker disable next-line CallExpression: the same names result, more slowly
  known.set(text, attributes);
  const used: Record<string, string> = {};
  for (const attribute of attributes) used[`#${attribute}`] = names.get(attribute) ?? attribute;
  return used;
}

function attributesIn(text: string): string[] {
  return [...new Set(text.match(/#\w+/g))].map((alias) => alias.slice(1));
}
