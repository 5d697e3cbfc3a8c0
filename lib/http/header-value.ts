/** A header's value with its parameters, such as `form-data; name="Idem"`. */
export interface ParameterisedValue {
  /** The part before the first semicolon, in lower case. */
  readonly value: string;
  /** In their order of appearance, names in lower case; a name may appear more than once. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /**
   * Whether all parsers agree on the value: each parameter has the form `name=token` or
   * `name="text"`, no name appears twice, and no backslash stands where parsers disagree about it.
   */
  readonly isExact: boolean;
}

/** The parameters of a longer value are not read. No client needs one. */
const LONGEST_VALUE = 8_192;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Reads a value with parameters in one pass. A regular expression for quoted strings may take
 * quadratic time.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.6
 */
export function parseParameterised(text: string): ParameterisedValue {
  const end = indexOrEnd(text, ";", 0);
  const value = trimBlanks(text.slice(0, end)).toLowerCase();
  const parameters: [string, string][] = [];
  const names = new Set<string>();
  let isExact = text.length <= LONGEST_VALUE;
  let at = end;
  while (isExact && at < text.length) {
    const equals = indexOrEnd(text, "=", at);
    const name = trimBlanks(text.slice(at + 1, equals)).toLowerCase();
    // A semicolon at the end is common and has no meaning.
    if (name === "" && equals === text.length) break;
    const parameter = parameterValue(text, equals + 1);
    isExact = TOKEN.test(name) && !names.has(name) && parameter.isExact;
    names.add(name);
    parameters.push([name, parameter.value]);
    at = parameter.end;
  }
  return { value, parameters, isExact };
}

function parameterValue(
  text: string,
  from: number,
): { readonly value: string; readonly end: number; readonly isExact: boolean } {
  const start = skipBlanks(text, from);
  if (text[start] === '"') {
    const close = indexOrEnd(text, '"', start + 1);
    const value = text.slice(start + 1, close);
    const end = skipBlanks(text, close + 1);
    const isClosed = close < text.length && (end >= text.length || text[end] === ";");
    // Some parsers take a backslash for an escape; browsers never send one.
    return { value, end, isExact: isClosed && !value.endsWith("\\") && !value.includes("\\\\") };
  }
  const end = indexOrEnd(text, ";", start);
  const value = trimBlanks(text.slice(start, end));
  return { value, end, isExact: TOKEN.test(value) };
}

/** Removes spaces and tabs at both ends. */
export function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text, end - 1)) end -= 1;
  const start = Math.min(skipBlanks(text, 0), end);
  return text.slice(start, end);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text, at)) at += 1;
  return at;
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at === -1 ? text.length : at;
}
