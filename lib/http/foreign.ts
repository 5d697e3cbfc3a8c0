/** A value that JSON cannot carry, in words, and what to give in its place. */
export interface ForeignValue {
  readonly what: string;
  /** @param name how the value is called where it stands, for example "body". */
  readonly mend: (name: string) => string;
}

type Member = (name: string) => unknown;

/**
 * Values that handlers return and Lambda serialises to something else than they hold: a fetch
 * `Response` becomes `{}`, a Buffer a list of its bytes. `undefined` for plain data.
 */
export function foreignValue(value: unknown): ForeignValue | undefined {
  if (typeof value === "function") return foreign("a function", () => "Return what it gives.");
  if (typeof value === "bigint") return foreign("a BigInt", (name) => `Give String(${name}).`);
  if (typeof value !== "object" || value === null) return undefined;
  const member: Member = (name) => (value as Record<string, unknown>)[name];
  try {
    return KINDS.find(([isOne]) => isOne(value, member))?.[1];
  } catch {
    // A getter that throws: JSON.stringify has said so as well.
    return undefined;
  }
}

function foreign(what: string, mend: ForeignValue["mend"]): ForeignValue {
  return { what, mend };
}

const isMethod = (value: unknown) => typeof value === "function";

const KINDS: readonly [(value: object, member: Member) => boolean, ForeignValue][] = [
  [
    (_value, member) => isMethod(member("then")),
    foreign("a promise", (name) => `Await the ${name}.`),
  ],
  [
    (_value, member) => isMethod(member("text")) && typeof member("status") === "number",
    foreign(
      "a fetch Response",
      () =>
        "Give { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }.",
    ),
  ],
  [
    (_value, member) => isMethod(member("text")) && isMethod(member("arrayBuffer")),
    foreign("a Blob", (name) => `Give await ${name}.text().`),
  ],
  [
    (value) => Buffer.isBuffer(value),
    foreign("a Buffer", (name) => `Give ${name}.toString("base64"), with isBase64Encoded: true.`),
  ],
  [
    (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer,
    foreign(
      "binary data",
      (name) => `Give Buffer.from(${name}).toString("base64"), with isBase64Encoded: true.`,
    ),
  ],
  [
    (value, member) =>
      isMethod(member("pipe")) || isMethod(member("getReader")) || Symbol.asyncIterator in value,
    foreign(
      "a stream",
      () => "Response streaming cannot be repeated; collect the stream, and give its text.",
    ),
  ],
];
