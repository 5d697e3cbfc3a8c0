import { ConfigurationError } from "../errors.ts";
import { readHead } from "../http/request.ts";
import type { Settings } from "../settings/settings.ts";

/** Compares an event with its state at the time when the layer read the key. */
export type LateKeyCheck = (event: unknown) => void;

/**
 * Copies the places of a request that may hold its key, except the body. A middleware behind this one
 * that sets the key there is too late: the request runs without protection, or under another key.
 *
 * @returns the check to call at the end of the request. In development it throws a ConfigurationError,
 *   elsewhere it advises the operator.
 */
export function watchForLateKey(settings: Settings, event: unknown): LateKeyCheck {
  const { profile, advise, isDevelopment } = settings;
  const before = copyPlaces(event);
  return (later) => {
    // Reading the key twice would double its time, and the places hardly ever change.
    if (isSame(before, copyPlaces(later))) return;
    const first = readPlaces(settings, before);
    const last = readPlaces(settings, later);
    if (first === undefined || !profile.methods.includes(first.method)) return;
    if (last === undefined || last.text === first.text) return;
    if (isDevelopment) throw new ConfigurationError(`idempotency: ${TOO_LATE}`);
    advise("key_set_too_late", TOO_LATE);
  };
}

const TOO_LATE =
  "a middleware behind this one changed the key of the request after the layer had read it. The new key was ignored, so a retry may execute again. Register that middleware in front: middy().use(setKey()).use(idempotency(options)).";

type Members = Readonly<Record<string, unknown>>;

/** Copies the event, and the maps in it that a middleware may change in place. */
function copyPlaces(event: unknown): Members {
  const copy: Record<string, unknown> = { ...(event as object) };
  for (const name of MAPS) {
    if (typeof copy[name] === "object") copy[name] = copyMap(copy[name]);
  }
  return copy;
}

const MAPS = [
  "headers",
  "multiValueHeaders",
  "pathParameters",
  "queryStringParameters",
  "multiValueQueryStringParameters",
];

function copyMap(map: unknown): Members {
  const copy: Record<string, unknown> = { ...(map as object) };
  for (const name in copy) {
    const values = copy[name];
    if (Array.isArray(values)) copy[name] = [...values];
  }
  return copy;
}

/** Whether two copies have identical members. A list is never identical to its copy: the key is read then. */
function isSame(one: Members, other: Members): boolean {
  return (
    hasSameMembers(one, other, MAPS) &&
    MAPS.every((name) =>
      hasSameMembers((one[name] ?? {}) as Members, (other[name] ?? {}) as Members),
    )
  );
}

function hasSameMembers(one: Members, other: Members, except: readonly string[] = []): boolean {
  const names = Object.keys(one).filter((name) => !except.includes(name));
  const others = Object.keys(other).filter((name) => !except.includes(name));
  return names.length === others.length && names.every((name) => one[name] === other[name]);
}

function readPlaces(
  { profile }: Settings,
  event: unknown,
): { readonly method: string; readonly text: string } | undefined {
  try {
    const request = readHead(event);
    const places = profile.keyFrom.map((source) => {
      if ("header" in source) return request.header(source.header);
      if ("path" in source) return request.pathParameter(source.path) ?? [];
      return "query" in source ? request.queryParameter(source.query) : [];
    });
    return { method: request.method, text: JSON.stringify(places) };
  } catch {
    // A parser behind this middleware may have replaced the event by any value.
  }
  return undefined;
}
