import { ConfigurationError } from "../errors.ts";
import { readHead } from "../http/request.ts";
import type { Settings } from "../settings/settings.ts";

/** Compares an event with what it was when its key was looked for. */
export type LateKeyCheck = (event: unknown) => void;

/**
 * Remembers the places of a request in which its key may stand, but the body. A middleware behind
 * that puts a key there comes too late: the request runs without protection, or under another key.
 *
 * @returns the check for when the request has ended. In development it throws a ConfigurationError,
 *   elsewhere it advises the operator.
 */
export function watchForLateKey(settings: Settings, event: unknown): LateKeyCheck {
  const { profile, advise, isDevelopment } = settings;
  const before = copyPlaces(event);
  return (later) => {
    // Reading takes as long as it took at the beginning, and the places have hardly ever changed.
    if (isSame(before, copyPlaces(later))) return;
    const then = readPlaces(settings, before);
    const now = readPlaces(settings, later);
    if (then === undefined || !profile.methods.includes(then.method)) return;
    if (now === undefined || now.text === then.text) return;
    if (isDevelopment) throw new ConfigurationError(`idempotency: ${TOO_LATE}`);
    advise("key_set_too_late", TOO_LATE);
  };
}

const TOO_LATE =
  "a middleware behind has changed the key of the request after it was looked for, so the new one did not count, and a retry may execute again. Register that middleware in front: middy().use(setKey()).use(idempotency(options)).";

type Members = Readonly<Record<string, unknown>>;

/** The event with copies of the maps that middlewares may change in place. */
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

/** Whether all members are, and those of the maps. Lists are read, because their copies are not the same. */
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
    // A parser behind may make anything of the event.
  }
  return undefined;
}
