import type { Body } from "../http/body.ts";
import {
  type FingerprintParts,
  type FingerprintRules,
  fingerprint,
  schemeName,
} from "../http/fingerprint.ts";
import type { HttpRequest } from "../http/request.ts";
import type { Compared, Comparison } from "../protocol/comparison.ts";

/** The secrets of digests; `undefined` = the digests have none. */
export interface Secrets {
  /** Of record ids, and of keys for other services. It never changes after go-live. */
  readonly ids: string | undefined;
  /** Of fingerprints. It changes together with `fingerprint.previous`. */
  readonly fingerprints: string | undefined;
}

/** Fingerprints a request under the present scheme, and under earlier ones if a record needs them. */
export type Compare = (request: HttpRequest, body: Body) => Compared;

interface Scheme {
  readonly name: string;
  readonly parts: FingerprintParts;
  readonly secret: string | undefined;
}

/** Creates the comparison of a profile, when the function starts. */
export function createComparison(rules: FingerprintRules, { fingerprints }: Secrets): Compare {
  const present = createScheme(rules, fingerprints);
  const earlier = (rules.previous ?? []).map(({ secret = fingerprints, ...parts }) =>
    createScheme(parts, secret),
  );
  return (request, body) => {
    const apply = ({ name, parts, secret }: Scheme): Comparison => ({
      scheme: name,
      fingerprint: fingerprint(request, body, parts, secret),
    });
    return {
      ...apply(present),
      previous: earlier.length === 0 ? undefined : () => earlier.map(apply),
    };
  };
}

function createScheme(parts: FingerprintParts, secret: string | undefined): Scheme {
  return { name: schemeName(parts, secret), parts, secret };
}
