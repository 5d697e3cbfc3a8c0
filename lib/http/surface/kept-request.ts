import { timingSafeEqual } from "node:crypto";
import { ConfigurationError } from "../../errors.ts";
import { digest } from "../../protocol/digest.ts";
import type { Settings } from "../../settings/settings.ts";
import { keptEvent } from "../kept-event.ts";
import { type KeptText, parseKeptText } from "./kept-text.ts";

/** The record that an event is kept in, and its request's tenant. */
export interface KeptRequest {
  readonly recordId: string;
  readonly fingerprint: string;
  readonly tenant: string | undefined;
}

/**
 * The longest text that a record keeps until its request is complete. Every refused claim pays for
 * the size of the record, and DynamoDB accepts 400 KB for the whole item.
 */
export const MOST_KEPT_BYTES = 100_000;

/**
 * Writes the text that a record keeps for the completer.
 *
 * @returns the text; or its size in bytes, if it is too large to keep.
 * @throws ConfigurationError if a named member of the event has no JSON text.
 */
export function writeKeptText(
  settings: Pick<Settings, "kept" | "secrets">,
  event: unknown,
  request: KeptRequest,
): { readonly text: string } | { readonly text: undefined; readonly bytes: number } {
  const kept = keptEvent(event, settings.kept);
  const text = JSON.stringify({
    format: 2,
    tenant: request.tenant,
    digest: bind(settings, request, serialise(kept)),
    event: kept,
  } satisfies KeptText);
  const bytes = Buffer.byteLength(text);
  return bytes <= MOST_KEPT_BYTES ? { text } : { text: undefined, bytes };
}

/**
 * Checks a kept text, and the event that was made of it, before anything is executed.
 *
 * @param event as it arrives here, behind the middlewares in front.
 * @returns the tenant; or the fault for which nothing may be executed.
 */
export function checkKeptText(
  settings: Pick<Settings, "kept" | "secrets">,
  event: unknown,
  { recordId, fingerprint, text }: Omit<KeptRequest, "tenant"> & { readonly text: string },
): { readonly tenant: string | undefined } | { readonly fault: string } {
  const kept = parseKeptText(text);
  if (kept === undefined) return { fault: NOT_BOUND };
  const { tenant } = kept;
  const bound = bind(settings, { recordId, fingerprint, tenant }, serialise(kept.event));
  if (!isEqual(bound, kept.digest)) return { fault: NOT_BOUND };
  // Both are kept anew: the option may name other members since.
  const [stored, arrived] = [kept.event, event].map((one) =>
    serialise(keptEvent(one, settings.kept)),
  );
  return stored === arrived ? { tenant } : { fault: CHANGED };
}

const NOT_BOUND =
  "its event is not the event that was kept with its claim. It was changed in the table or in the invocation, or the option secret has changed since. Nothing was executed, and the record stays. If the secret has changed, deploy the former secret until no claim is left in the index of due claims.";

const CHANGED =
  "a middleware in front of the layer changes its event differently than it did at the first attempt. Nothing was executed, and the record stays. A middleware in front must make the same of its own result, or stand behind the layer.";

/**
 * Makes it an error to read the authorizer's part of a kept event that has none. A handler that found
 * `undefined` there could refuse the request as unauthenticated, and the record would store that as the
 * response to a payment that has begun.
 */
export function refuseAuthorizer(event: object): void {
  const { requestContext } = event as { readonly requestContext?: unknown };
  if (typeof requestContext !== "object" || requestContext === null) return;
  if ("authorizer" in requestContext) return;
  Reflect.defineProperty(requestContext, "authorizer", {
    configurable: true,
    get() {
      throw new ConfigurationError(
        "idempotency: requestContext.authorizer was read in an attempt of the completer, but the record does not keep it. Read the principal from context.idempotency.tenant, and name other members in the option keptEvent: { authorizer: [pointer] }.",
      );
    },
  });
}

function bind(
  { secrets }: Pick<Settings, "secrets">,
  { recordId, fingerprint, tenant }: KeptRequest,
  event: string,
): string {
  const parts = [recordId, fingerprint, ...(tenant === undefined ? [] : [tenant]), event];
  return digest("kept event", parts, secrets.ids);
}

function isEqual(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

function serialise(event: object): string {
  try {
    return JSON.stringify(event);
  } catch (error) {
    const [reason] = String((error as Error).message).split("\n");
    throw new ConfigurationError(
      `idempotency: the event cannot be kept for the completer, because it has no JSON text (${reason}). AWS never sends such an event. A middleware in front must put its own values into the context, not into the event.`,
    );
  }
}
