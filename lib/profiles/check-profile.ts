import { CONTRACT_REQUIREMENTS, checkInterrupted } from "../checks/contract.ts";
import {
  aFunction,
  aText,
  check,
  oneOf,
  optional,
  type Requirement,
  type Requirements,
} from "../checks/requirements.ts";
import { isName } from "../checks/scope-name.ts";
import { ConfigurationError } from "../errors.ts";
import type { FingerprintRules } from "../http/fingerprint.ts";
import { isPointer } from "../http/pointer-tree.ts";
import { WORDINGS, type Wording } from "../http/refusal.ts";
import type { Profile } from "./profile.ts";

const WORDING_PARTS = ["status", "title", "message", "retryAfterSeconds"];

const PARTS = ["method", "path", "query", "body"];

const aBoolean: Requirement = [(value) => typeof value === "boolean", "true or false"];
const aName: Requirement = [(value) => typeof value === "string" && value !== "", "a name"];
const aHeaderName: Requirement = [
  (value) => typeof value === "string" && /^[!#$%&'*+.^_`|~\w-]+$/.test(value),
  "the name of a header",
];

const REQUIREMENTS: Requirements<Profile> = {
  ...CONTRACT_REQUIREMENTS,
  keyFrom: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isKeySource),
    'a list of { header: "Idempotency-Key" }, to which strict: true may be added, { pointer: "/externalId" }, { pointers: ["/date", "/number"] }, { path: "id" } and { query: "requestId" }',
  ],
  keyFormat: [
    (value) => value === "visible" || value === "uuid" || typeof value === "function",
    '"visible", "uuid", or a function that returns the fault of a key',
  ],
  missingKey: oneOf("pass", "refuse"),
  fingerprint: [
    (value) => isRules(["previous"], value) && isListOfRules((value as FingerprintRules).previous),
    `true or false for each of ${PARTS.join(", ")}; for the body also { include: ["/member"] } or { exclude: ["/member"] }; and as previous a list of the same, each with the secret of its time if that was another`,
  ],
  methods: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isMethod),
    'a list of methods in upper case, for example ["POST", "PATCH"]',
  ],
  scope: [
    (value) => value === "route" || value === "tenant" || isKind(value),
    '"route" or "tenant", or { kind: "transfer" }',
  ],
  envelope: aFunction,
  refusals: [
    (value) =>
      hasOnly(Object.keys(WORDINGS), value) && Object.values(value as object).every(isWording),
    `an object with any of ${Object.keys(WORDINGS).join(", ")}; each with any of ${WORDING_PARTS.join(", ")}`,
  ],
  documentationUrl: optional([(value) => URL.canParse(value as string), "a URL"]),
  replayMarker: optional(aHeaderName),
};

/**
 * Checks a profile when the function starts: its knobs one by one, and the combinations that cannot
 * work.
 *
 * @throws ConfigurationError
 */
export function checkProfile(profile: unknown): asserts profile is Profile {
  check<Profile>("profile", profile, REQUIREMENTS);
  const { completed, interrupted, mismatch, keepsResponses, retention } = profile as Profile;
  // An entity that cannot be loaded is replaced by the stored response.
  if (!keepsResponses && (completed !== "refuse" || mismatch === "replay")) {
    throw new ConfigurationError(
      'profile: keepsResponses is false, but completed is not "refuse" or mismatch is "replay"; without the stored response nothing can be replayed.',
    );
  }
  if (completed === "entity" && retention !== "never") {
    throw new ConfigurationError(
      'profile: completed is "entity", so the key is bound to its entity; expected retention "never".',
    );
  }
  checkInterrupted("profile", { interrupted, retention });
}

function isRules(others: readonly string[], value: unknown): boolean {
  return (
    hasOnly([...PARTS, ...others], value) &&
    PARTS.every((part) => isFingerprintPart(part, (value as never)[part]))
  );
}

function isListOfRules(value: unknown): boolean {
  if (value === undefined) return true;
  return (
    Array.isArray(value) &&
    value.every((rules) => {
      const { secret } = (rules ?? {}) as { secret?: unknown };
      return isRules(["secret"], rules) && (secret === undefined || aText[0](secret));
    })
  );
}

function isFingerprintPart(part: string, value: unknown): boolean {
  if (aBoolean[0](value)) return true;
  const [list, ...others] = Object.entries(value ?? {});
  return part === "body" && list !== undefined && others.length === 0 && isCountedMembers(list);
}

function isCountedMembers([how, pointers]: [string, unknown]): boolean {
  return (
    (how === "include" || how === "exclude") &&
    Array.isArray(pointers) &&
    pointers.length > 0 &&
    pointers.every(isPointer)
  );
}

const KEY_SOURCES: Readonly<Record<string, (value: unknown) => boolean>> = {
  header: aHeaderName[0],
  pointer: isPointer,
  pointers: isListOfPointers,
  path: aName[0],
  query: aName[0],
};

/** One place, and no other member but the strictness of a header. */
function isKeySource(value: unknown): boolean {
  if (!hasOnly([...Object.keys(KEY_SOURCES), "strict"], value)) return false;
  const { strict, ...places } = value as Record<string, unknown>;
  const [place, ...others] = Object.entries(places).filter(([, where]) => where !== undefined);
  if (place === undefined || others.length > 0) return false;
  const [name, where] = place;
  const mayBeStrict = name === "header" ? strict === undefined || aBoolean[0](strict) : !strict;
  return mayBeStrict && KEY_SOURCES[name]?.(where) === true;
}

function isMethod(value: unknown): boolean {
  return typeof value === "string" && /^[!#$%&'*+.^_`|~\dA-Z-]+$/.test(value);
}

function isKind(value: unknown): boolean {
  return hasOnly(["kind"], value) && isName((value as { kind?: unknown }).kind);
}

/** One pointer is no list: its key would differ from the member's own. */
function isListOfPointers(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every(isPointer) &&
    new Set(value).size === value.length
  );
}

function isWording(value: unknown): boolean {
  if (!hasOnly(WORDING_PARTS, value)) return false;
  const { status = 400, title, message, retryAfterSeconds = 0 } = value as Partial<Wording>;
  return (
    Number.isInteger(status) &&
    status >= 400 &&
    status <= 599 &&
    [title, message].every((text) => text === undefined || typeof text === "string") &&
    Number.isInteger(retryAfterSeconds) &&
    retryAfterSeconds >= 0
  );
}

function hasOnly(names: readonly string[], value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).every((name) => names.includes(name))
  );
}
