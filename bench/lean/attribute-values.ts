/** Writes binary values in base64; all other values of an item go on the wire as the SDK has them. */
export function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return mapMembers(value, (_, member) => toWire(member));
}

export function fromWire(value: unknown): unknown {
  return mapMembers(value, (name, member) =>
    name === "B" && typeof member === "string" ? Buffer.from(member, "base64") : fromWire(member),
  );
}

function mapMembers(value: unknown, change: (name: string, member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => change("", member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(name, one)]));
}
