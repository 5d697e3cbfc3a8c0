import { type Refusal, refusalOf } from "./errors.ts";
import { wordRefusal } from "./http/refusal.ts";
import type { HttpRequest } from "./http/request.ts";
import { type HttpResponse, marked, refusalResponse, replayResponse } from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Answer } from "./protocol/execution.ts";

/** Gives an answer of the protocol the form that the profile's clients expect. */
export type Responder = (answer: Answer) => Promise<HttpResponse>;

/** @param key the request's key, for refusals that repeat it. */
export function responderOf(
  { profile, loadEntity, tools }: Settings,
  event: unknown,
  request: HttpRequest,
  key: string | undefined,
): Responder {
  return async (answer) => {
    try {
      return await respond(answer);
    } catch (error) {
      const refusal = refusalOf(error);
      tools.observe({ kind: "refused", ...refusal });
      return refuse(refusal);
    }
  };

  function refuse(refusal: Refusal): HttpResponse {
    const worded = wordRefusal(refusal, profile, key);
    return refusalResponse(profile.envelope(worded), request);
  }

  async function respond(answer: Answer): Promise<HttpResponse> {
    if (answer.kind === "refuse") return refuse(answer.refusal);
    if (answer.kind === "replay") {
      return replayResponse(answer.response, request, profile.replayMarker);
    }
    // A snapshot is better than nothing: the repeat must not fail because the loader does.
    const entity = await loadEntity(answer.entityId, event).catch(() => undefined);
    const snapshot = replayResponse(answer.response, request, undefined);
    return marked(entity ?? { ...snapshot, statusCode: 200 }, request, profile.replayMarker);
  }
}
