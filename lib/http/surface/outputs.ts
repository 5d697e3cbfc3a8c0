import type { Fault } from "../../checks/fault.ts";
import type { Refusal } from "../../errors.ts";
import type { Outputs } from "../../invocation/surface.ts";
import type { ReplayOrRefusal } from "../../protocol/execution.ts";
import { isUnauthenticated } from "../../protocol/outcome.ts";
import type { Settings } from "../../settings/settings.ts";
import { inAcceptedCoding } from "../content-coding.ts";
import { forOrigin } from "../cors.ts";
import { errorResponse } from "../error-response.ts";
import { wordRefusal } from "../refusal.ts";
import { render, renderMarked } from "../render.ts";
import type { HttpRequest } from "../request.ts";
import { copyResponse, type HttpResponse } from "../response.ts";
import { readCommitted, readResult } from "../result.ts";
import { readStoredResponse, storeResponse } from "../stored-response.ts";

/**
 * The responses to one request, in the form that its gateway reads and its profile's clients expect.
 *
 * @param key the request's key, for refusals that repeat it.
 */
export function httpOutputs(
  settings: Settings,
  event: unknown,
  request: HttpRequest,
  key: string | undefined,
): Outputs<HttpResponse> {
  const { profile, loadEntity, tools } = settings;
  return {
    read(result) {
      const { response, fault } = readResult(result, request.format);
      const { statusCode } = response;
      const consequence = `Clients get ${statusCode}`;
      return { output: response, statusCode, fault: fault && { ...fault, consequence } };
    },

    readCommitted(result) {
      const read = readCommitted(result);
      if ("fault" in read) return read;
      const { response } = read;
      return isUnauthenticated(response.statusCode) ? { fault: CREDENTIALS } : { output: response };
    },

    original: (error) => error,

    areRefusalsFinal: true,

    ofError: (error) => errorResponse(error, request.format),

    store: (response) => storeResponse(response, profile.keepsResponses),

    toHandler: copyResponse,

    async respond(ended) {
      if (ended.kind === "refuse") return refuse(ended.refusal);
      try {
        return await replay(ended);
      } catch (cause) {
        // The record exists, so the request may have taken effect: the refusal claims neither.
        const refusal = { code: "record_unreadable", cause } as const;
        tools.observe({ kind: "refused", ...refusal });
        return refuse(refusal);
      }
    },

    send: (response) => render(response, request),
  };

  function refuse(refusal: Refusal): HttpResponse {
    const worded = wordRefusal(refusal, profile, key);
    return render(profile.envelope(worded), request);
  }

  async function replay(
    ended: Exclude<ReplayOrRefusal, { kind: "refuse" }>,
  ): Promise<HttpResponse> {
    const stored = readStoredResponse(ended.response);
    const { statusCode } = stored;
    // A response without success names no entity: it is repeated as it was.
    const isEntity = ended.kind === "entity" && statusCode >= 200 && statusCode < 300;
    const snapshot = inAcceptedCoding(forOrigin(stored, request), request);
    const response = isEntity
      ? ((await load(ended.entityId)) ?? { ...snapshot, statusCode: 200 })
      : snapshot;
    return renderMarked(response, request, profile.replayMarker);
  }

  /** A snapshot is better than nothing: the repeat must not fail because the loader does. */
  async function load(entityId: string): Promise<HttpResponse | undefined> {
    const entity = await loadEntity(entityId, event).catch(() => undefined);
    const read = entity === undefined ? undefined : readCommitted(entity);
    return read && "response" in read ? read.response : undefined;
  }
}

const CREDENTIALS: Fault = {
  problem:
    "its status is about the credentials of this caller, who may repeat the request with others",
  remedy: "Return it without a commit.",
};
