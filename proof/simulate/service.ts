import { dfns, dwolla, gluwa, ietf, orzcash, type Profile, stripe } from "../../lib/index.ts";

/** The part of a service that a deployment changes. */
export interface Configuration {
  readonly profile: keyof typeof PROFILES;
  readonly claimAt: "start" | "commit";
  readonly interrupted: Profile["interrupted"];
  /** The place of the effect: in the commit, at a bank that knows downstream keys, or in steps with both. */
  readonly work: "commit" | "bank" | "steps";
  /** The rules by which requests are compared. A service that forgets the first rules cannot compare. */
  readonly rules: "first" | "second after first" | "second";
}

/** The deployed service. */
export interface Service extends Configuration {
  readonly face: "wrapper" | "middleware";
  /** Whether environments cache completed records, and read before they claim. */
  readonly remembers: boolean;
  /** Whether the platform tells the remaining time of an invocation. */
  readonly knowsTime: boolean;
}

const PROFILES = { ietf, dwolla, stripe, orzcash, dfns, gluwa };

const CONFIGURATIONS: readonly Configuration[] = (
  Object.keys(PROFILES) as (keyof typeof PROFILES)[]
)
  .flatMap((profile) =>
    (["start", "commit"] as const).flatMap((claimAt) =>
      (["restart", "resume", "refuse"] as const).flatMap((interrupted) =>
        (["commit", "bank", "steps"] as const).map((work) => ({
          ...{ profile, claimAt, interrupted, work, rules: "first" as const },
        })),
      ),
    ),
  )
  .filter(isPossible);

/** Steps need a claim before the handler, and so does an effect elsewhere. */
function isPossible({ claimAt, interrupted, work, ...rest }: Configuration): boolean {
  const resumes = claimAt === "start" && interrupted === "resume";
  if (work === "steps" && !resumes) return false;
  if (work === "bank" && claimAt === "commit") return false;
  // What is refused for ever must be kept for ever.
  return interrupted !== "refuse" || PROFILES[rest.profile]().retention === "never";
}

/** The services of a history. The profiles' own configurations are more likely than others. */
export function listServices(): readonly Service[] {
  const usual = CONFIGURATIONS.filter(
    ({ profile, interrupted }) => PROFILES[profile]().interrupted === interrupted,
  );
  return [...usual, ...usual, ...CONFIGURATIONS].flatMap((configuration) =>
    (["wrapper", "middleware"] as const).flatMap((face) =>
      [false, true].flatMap((remembers) =>
        [true, true, true, false].map((knowsTime) => ({
          ...configuration,
          ...{ face, remembers, knowsTime },
        })),
      ),
    ),
  );
}

/**
 * The configurations with which a service may be deployed. The effect stays in its place, because no
 * layer can keep a payment at a bank from being made in DynamoDB as well; and a handler that resumes
 * asks for the same steps as before.
 */
export function listDeployments(first: Configuration): readonly Configuration[] {
  return CONFIGURATIONS.filter((next) => {
    if (next.work === first.work) return true;
    return next.work !== "bank" && first.work !== "bank" && !(resumes(first) && resumes(next));
  }).flatMap((next) => RULES.map((rules) => ({ ...next, rules })));
}

const RULES = ["first", "first", "second after first", "second"] as const;

/** Whether a service can compare a request with the request of a record that another one has written. */
export function canCompare(reader: Configuration, writer: Configuration): boolean {
  if (reader.rules === "second after first") return true;
  return (reader.rules === "first") === (writer.rules === "first");
}

/** Whether an execution of this configuration goes on with recorded steps. */
export function resumes({ claimAt, interrupted }: Configuration): boolean {
  return claimAt === "start" && interrupted === "resume";
}

/** Whether its requests create entities, whose ids their records keep. */
export function createsEntities({ profile }: Configuration): boolean {
  return PROFILES[profile]().completed === "entity";
}

/**
 * The profile of a configuration.
 *
 * @param first the first configuration of the service: its keys never change, nor the first rules by which
 *   requests are compared.
 */
export function createProfile(
  { profile, interrupted, rules }: Configuration,
  first: Configuration,
): Profile {
  const { keyFrom, scope, fingerprint: firstRules } = PROFILES[first.profile]();
  const own = PROFILES[profile]();
  const abandoned = interrupted === own.interrupted ? own.abandoned : ABANDONED[interrupted];
  const fingerprint = createFingerprint(firstRules, rules);
  return { ...own, keyFrom, scope, fingerprint, interrupted, abandoned };
}

function createFingerprint(
  first: Profile["fingerprint"],
  rules: Configuration["rules"],
): Profile["fingerprint"] {
  if (rules === "first") return first;
  const second = { ...first, method: !first.method };
  return rules === "second" ? second : { ...second, previous: [first] };
}

const ABANDONED = { restart: "leave", resume: "complete", refuse: "unknown" } as const;
