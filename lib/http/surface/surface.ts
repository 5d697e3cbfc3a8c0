import type { Surface } from "../../invocation/surface.ts";
import type { Settings } from "../../settings/settings.ts";
import type { HttpResponse } from "../response.ts";
import { identify } from "./identity.ts";
import { MOST_KEPT_BYTES, writeKeptText } from "./kept-request.ts";
import { httpOutputs } from "./outputs.ts";
import { findRefusal } from "./validation.ts";

/** The HTTP side of the seam: events of API Gateway, function URLs, load balancers and VPC Lattice. */
export function httpSurface(settings: Settings): Surface<HttpResponse> {
  const { profile, isReadFirst, validate } = settings;
  return {
    async identify(event, invocation, invocationId) {
      const found = await identify(settings, event, invocation, invocationId);
      if ("refusal" in found) {
        const { request, ...refused } = found;
        return { ...refused, outputs: httpOutputs(settings, event, request, undefined) };
      }
      const { request, profile: contract, ...identity } = found;
      const { key, tenant, recordId, compared, claim } = identity;
      const isCompleters = claim.at === "start" && claim.takeover === "only";
      // Work that a completer finishes has begun, under the rules of its time.
      const isValidated = !isCompleters && profile.methods.includes(request.method);
      return {
        ...identity,
        contract,
        outputs: httpOutputs(settings, event, request, key),
        isReadFirst: () => isReadFirst(recordId, request),
        findRefusal: validate && isValidated ? () => findRefusal(validate, event) : undefined,
        writeKept() {
          const { fingerprint } = compared;
          const kept = writeKeptText(settings, event, { recordId, tenant, fingerprint });
          return kept.text === undefined ? { ...kept, mostBytes: MOST_KEPT_BYTES } : kept;
        },
      };
    },
  };
}
