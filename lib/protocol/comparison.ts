import type { IdempotencyRecord } from "./record.ts";

/** A fingerprint, with the name of the scheme under which it was made. */
export interface Comparison {
  readonly scheme: string;
  readonly fingerprint: string;
}

/** The fingerprints of a request. */
export interface Compared {
  readonly fingerprint: string;
  /** The scheme of the fingerprint; `undefined` = the scheme of the record, whose fingerprint it is. */
  readonly scheme?: string | undefined;
  /** The fingerprints under the schemes that the service had before, newest first. */
  readonly previous?: (() => readonly Comparison[]) | undefined;
}

/** Names a refused request, so that its other executions find it in a freed record. */
export function refusalName({ scheme = "", fingerprint }: Compared): string {
  return `${scheme}:${fingerprint}`;
}

/**
 * Whether one of the refused requests may be this one. Another scheme cannot be compared, so it may be.
 */
export function mayBeRefused(refused: readonly string[] = [], request: Compared): boolean {
  const mine = refusalName(request);
  const scheme = refusalName({ ...request, fingerprint: "" });
  return refused.some((one) => one === mine || !one.startsWith(scheme));
}

/**
 * The relation of a request to the request of a record.
 *
 * - `rewritten`: the same, under a scheme that the service had before.
 * - `incomparable`: the record's scheme is not known here, so it may be the same or another.
 */
export type Relation = "same" | "rewritten" | "other" | "incomparable";

/**
 * Compares a request with the request of a record. Another scheme is not another request: a true retry
 * must not be told to use another key because the service has changed its rules or its secret.
 *
 * Equal fingerprints are the same request under any two schemes: what they digest is equal. A record of
 * release 0.1 has no scheme, so the present rules and all previous rules decide.
 */
export function compare(
  record: Pick<IdempotencyRecord, "fingerprint" | "scheme">,
  { fingerprint, scheme, previous = () => [] }: Compared,
): Relation {
  if (record.fingerprint === fingerprint) return "same";
  if (record.scheme !== undefined && record.scheme === scheme) return "other";
  const known = previous();
  const isEqual = known.some((one) => one.fingerprint === record.fingerprint);
  if (isEqual) return "rewritten";
  const isKnown = record.scheme === undefined || known.some((one) => one.scheme === record.scheme);
  return isKnown ? "other" : "incomparable";
}
