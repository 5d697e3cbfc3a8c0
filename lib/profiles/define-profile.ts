import { checkProfile } from "./check-profile.ts";
import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * A profile of your own, checked at its definition and not only at its use. Missing knobs are those
 * of `ietf()`; start from another profile by spreading it.
 *
 * @throws ConfigurationError saying which knob is wrong, with its value and the expected one; or
 *   which knobs cannot work together.
 * @example
 * const acme = defineProfile({ name: "acme", ...dwolla(), inFlight: { waitMs: 2_000 } });
 */
export function defineProfile(knobs: Partial<Profile> & Pick<Profile, "name">): Profile {
  const profile = ietf(knobs);
  checkProfile(profile);
  return Object.freeze(profile);
}
