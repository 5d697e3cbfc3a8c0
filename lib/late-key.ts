import { ConfigurationError } from "./errors.ts";
import { readHead } from "./http/request.ts";
import type { Settings } from "./options.ts";

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
  const before = readPlaces(settings, event);
  if (before === undefined || !profile.methods.includes(before.method)) return () => {};
  return (later) => {
    const now = readPlaces(settings, later);
    if (now === undefined || now.text === before.text) return;
    if (isDevelopment) throw new ConfigurationError(`idempotency: ${TOO_LATE}`);
    advise("key_set_too_late", TOO_LATE);
  };
}

const TOO_LATE =
  "a middleware behind has changed the key of the request after it was looked for, so the new one did not count, and a retry may execute again. Register that middleware in front: middy().use(setKey()).use(idempotency(options)).";

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
