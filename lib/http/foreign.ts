/** A kind of value that JSON cannot carry. */
export interface ForeignValue {
  /** The kind with its article: "a Buffer". */
  readonly noun: string;
  /** The advice to a developer. @param name the name of the value, for example "body". */
  readonly remedy: (name: string) => string;
}

type Member = (name: string) => unknown;

/**
 * Recognises a value that loses its content when Lambda serialises the result: a fetch `Response`
 * becomes `{}`, a Buffer a list of its bytes. `undefined` = plain data.
 */
export function foreignValue(value: unknown): ForeignValue | undefined {
  if (typeof value === "function") {
    return createKind("a function", () => "Call the function and use its result.");
  }
  if (typeof value === "bigint") return createKind("a BigInt", (name) => `Use String(${name}).`);
  if (typeof value !== "object" || value === null) return undefined;
  const member: Member = (name) => (value as Record<string, unknown>)[name];
  try {
    return KINDS.find(([isOne]) => isOne(value, member))?.[1];
  } catch {
    // A getter threw; JSON.stringify reports the same error.
    return undefined;
  }
}

function createKind(noun: string, remedy: ForeignValue["remedy"]): ForeignValue {
  return { noun, remedy };
}

const isMethod = (value: unknown) => typeof value === "function";

const KINDS: readonly [(value: object, member: Member) => boolean, ForeignValue][] = [
  [
    (_value, member) => isMethod(member("then")),
    createKind("a promise", (name) => `Await the ${name}.`),
  ],
  [
    (_value, member) => isMethod(member("text")) && typeof member("status") === "number",
    createKind(
      "a fetch Response",
      () =>
        "Use { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }.",
    ),
  ],
  [
    (_value, member) => isMethod(member("text")) && isMethod(member("arrayBuffer")),
    createKind("a Blob", (name) => `Use await ${name}.text().`),
  ],
  [
    (value) => Buffer.isBuffer(value),
    createKind("a Buffer", (name) => `Use ${name}.toString("base64") with isBase64Encoded: true.`),
  ],
  [
    (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer,
    createKind(
      "binary data",
      (name) => `Use Buffer.from(${name}).toString("base64") with isBase64Encoded: true.`,
    ),
  ],
  [
    (value, member) =>
      isMethod(member("pipe")) || isMethod(member("getReader")) || Symbol.asyncIterator in value,
    createKind(
      "a stream",
      () => "A streamed response cannot be replayed; collect the stream and use its text.",
    ),
  ],
];
