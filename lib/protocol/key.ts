import { digest } from "./digest.ts";

/** The space in which one client's keys are unique, and the key. */
export interface Scope {
  /** The authenticated principal. */
  readonly tenant: string;
  /** The operation, as a rule the route. `undefined` = the key is unique across all operations. */
  readonly operation?: string | undefined;
  /** The service of the operation. `undefined` or "" = operations have names of their own. */
  readonly service?: string | undefined;
  /** The kind of entity that the request creates, if it takes the place of the route. */
  readonly kind?: string | undefined;
  readonly key: string;
}

/**
 * The id of the record: no two scopes share one, and the key cannot be read from it. Scopes of
 * different parts are lists of different lengths.
 */
export function recordId(scope: Scope, secret?: string): string {
  return digest("record id", scopeParts(scope), secret);
}

/** The id of the record of an input of a function. No request over HTTP has it. */
export function valueRecordId(scope: Scope, secret?: string): string {
  return digest("value record id", scopeParts(scope), secret);
}

function scopeParts({ tenant, operation, service, kind, key }: Scope): readonly string[] {
  if (kind !== undefined) return [tenant, operation ?? "", key, "kind", kind];
  if (operation === undefined) return [tenant, key];
  return service ? [tenant, operation, key, service] : [tenant, operation, key];
}

/**
 * The identity of a request: the same on every attempt, and different from every other request.
 */
export interface Origin {
  readonly id: string;
  readonly fingerprint: string;
  /**
   * Epoch milliseconds of the first claim. A key that is used again after it expired is another
   * request.
   */
  readonly startedAtMs: number;
}

/**
 * A key for a call that the handler makes to another service. It is the same on every attempt of
 * the same request, different for every name, and does not reveal the client's own key.
 */
export function downstreamKey(
  { id, fingerprint, startedAtMs }: Origin,
  name: string,
  secret?: string,
): string {
  return digest("downstream key", [id, fingerprint, String(startedAtMs), name], secret);
}

/**
 * The downstream key of a step. No name makes it equal to a key that the handler asks for itself.
 */
export function stepKey(
  { id, fingerprint, startedAtMs }: Origin,
  name: string,
  secret?: string,
): string {
  return digest("step key", [id, fingerprint, String(startedAtMs), name], secret);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the key is a UUID in its textual form (RFC 9562, section 4). */
export function isUuid(key: string): boolean {
  return UUID.test(key);
}

/**
 * UUIDs are compared without regard to case (RFC 9562, section 4); other keys stay as they are.
 */
export function normaliseKey(key: string): string {
  return isUuid(key) ? key.toLowerCase() : key;
}
