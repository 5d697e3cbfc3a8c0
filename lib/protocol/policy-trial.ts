import { decision, type Ending, type OutcomePolicy } from "./outcome.ts";

const STATUSES = [200, 201, 204, 302, 400, 401, 402, 404, 408, 409, 422, 429, 500, 503];

const SAMPLES: readonly Ending[] = [
  ...STATUSES.flatMap((statusCode): Ending[] => [
    { kind: "returned", statusCode, hasBegun: false },
    { kind: "returned", statusCode, hasBegun: true },
  ]),
  { kind: "rejected" },
  { kind: "threw", error: new Error(), hasBegun: false },
  { kind: "threw", error: Object.assign(new Error(), { statusCode: 422 }) },
];

/**
 * Whether a policy decides, tried when the function starts: at the first payment it is too late.
 */
export function decides(policy: unknown): boolean {
  return SAMPLES.every((one) => decision(policy as OutcomePolicy, one) !== undefined);
}
