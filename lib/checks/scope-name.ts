import { inspect } from "node:util";
import { ConfigurationError } from "../errors.ts";

/**
 * Checks the name of a part of the scope that an option returned: a text, or for a tenant also a number.
 *
 * A missing claim easily becomes a text: `String(claims.sub)` or `${pool}#${sub}`. All clients without
 * the claim would then share one tenant, and get each other's responses.
 *
 * @param hint the expected value, for the message.
 * @throws ConfigurationError that shows the value.
 */
export function checkName(option: "tenant" | "operation", value: unknown, hint: string): string {
  const name = option === "tenant" ? readNumber(value) : value;
  if (isName(name)) return name;
  throw new ConfigurationError(
    `idempotency: the option ${option} returned ${show(value)} for this request; expected ${hint}`,
  );
}

/** Whether a value is a text with a name in it, and not the text of a missing value. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && !standsForNothing(value);
}

const NOTHING = new Set([
  ...["undefined", "null", "NaN", "Infinity", "-Infinity", "Invalid Date"],
  // The texts of a missing value in authorizers written in Python and Go.
  ...["None", "<nil>"],
]);

function standsForNothing(text: string): boolean {
  return (
    NOTHING.has(text.trim()) ||
    text.includes("[object ") ||
    /^\s*(?:Promise(?: ?[{<]|$)|Symbol\()/.test(text) ||
    isProgram(text) ||
    text.split(/[\s#|:;,/]/).some((part) => part === "null" || part === "NaN") ||
    text.split(/[^\p{L}\p{N}]/u).includes("undefined")
  );
}

/** Whether a text is the source of a function or a class. "class booking" is a name. */
function isProgram(text: string): boolean {
  const hasBody = text.includes("{") && text.trimEnd().endsWith("}");
  return text.includes("=>") || (hasBody && /^\s*(?:function|async|class)\b/.test(text));
}

/** Turns a number into its text, so that 7 and "7" are one tenant: authorizers turn one into the other. */
function readNumber(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "number" || !Number.isFinite(value)) return value;
  // Above this limit several ids round to the same number.
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : value;
}

const LONGEST_SHOWN = 80;

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  try {
    return cut(inspect(value, { depth: 1, breakLength: Infinity, customInspect: false }));
  } catch {
    // The value is a proxy, or has a getter, that throws.
  }
  return `a value of type ${typeof value}`;
}

function cut(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
