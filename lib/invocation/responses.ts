import type { Refusal } from "../errors.ts";
import { inAcceptedCoding } from "../http/content-coding.ts";
import { forOrigin } from "../http/cors.ts";
import { wordRefusal } from "../http/refusal.ts";
import { render, renderMarked } from "../http/render.ts";
import type { HttpRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { readCommitted } from "../http/result.ts";
import { readStoredResponse } from "../http/stored-response.ts";
import type { ReplayOrRefusal } from "../protocol/execution.ts";
import type { Settings } from "../settings/settings.ts";

/** Gives a replay or refusal of the protocol the form that the profile's clients expect. */
export type Responder = (ended: ReplayOrRefusal) => Promise<HttpResponse>;

/** @param key the request's key, for refusals that repeat it. */
export function createResponder(
  { profile, loadEntity, tools }: Settings,
  event: unknown,
  request: HttpRequest,
  key: string | undefined,
): Responder {
  return async (ended) => {
    if (ended.kind === "refuse") return refuse(ended.refusal);
    try {
      return await replay(ended);
    } catch (cause) {
      // The record exists, so the request may have taken effect: the refusal claims neither.
      const refusal = { code: "record_unreadable", cause } as const;
      tools.observe({ kind: "refused", ...refusal });
      return refuse(refusal);
    }
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
