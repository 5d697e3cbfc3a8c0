import { ConfigurationError } from "../../errors.ts";
import type { Settings } from "../../settings/settings.ts";
import { readHead } from "../request.ts";

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
    const first = readPlaces(settings, Object.assign(Object.create(event as object), before));
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

/** The members of an event in which a key may stand. */
const PLACES = [
  "headers",
  "multiValueHeaders",
  "pathParameters",
  "queryStringParameters",
  "multiValueQueryStringParameters",
  "rawQueryString",
];

/** Copies the places, which middlewares may change in place, and reads no other member: one may be a getter. */
function copyPlaces(event: unknown): Members {
  const members = (event ?? {}) as Members;
  const copy: Record<string, unknown> = {};
  for (const name of PLACES) {
    const place = members[name];
    // A missing place is written down as well: the rest of the event is read from the event itself.
    copy[name] = typeof place === "object" && place !== null ? copyMap(place) : place;
  }
  return copy;
}

function copyMap(map: object): Members {
  const copy: Record<string, unknown> = { ...map };
  for (const name in copy) {
    const values = copy[name];
    if (Array.isArray(values)) copy[name] = [...values];
  }
  return copy;
}

/** Whether two copies have identical members. A list is never identical to its copy: the key is read then. */
function isSame(one: Members, other: Members): boolean {
  return PLACES.every((name) => {
    const [first, last] = [one[name], other[name]];
    const areMaps = typeof first === "object" && typeof last === "object";
    return first === last || (areMaps && hasSameMembers(first as Members, last as Members));
  });
}

function hasSameMembers(one: Members | null, other: Members | null): boolean {
  const names = Object.keys(one ?? {});
  return (
    names.length === Object.keys(other ?? {}).length &&
    names.every((name) => one?.[name] === other?.[name])
  );
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
