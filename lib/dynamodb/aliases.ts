/** The expressions are few, and the same for every request. */
const known = new Map<string, Readonly<Record<string, string>>>();

/** `#name: "name"` for each alias that the expressions use; DynamoDB refuses unused ones. */
export function aliases(...expressions: string[]): Record<string, string> {
  const text = expressions.join(" ");
  const names = known.get(text) ?? namesIn(text);
  known.set(text, names);
  return { ...names };
}

function namesIn(text: string): Record<string, string> {
  const used = new Set(text.match(/#\w+/g));
  return Object.fromEntries([...used].map((alias) => [alias, alias.slice(1)]));
}
