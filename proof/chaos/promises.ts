import type { ApiName, ClientResponse } from "./history.ts";

/** The meaning of a response for the client that sent the request. */
export type Meaning =
  /** The order is carried out. */
  | "done"
  /** The order is refused, and a repeat gets the same response. */
  | "kept refusal"
  /** The order is refused before it began; the key is unchanged. */
  | "refused"
  /** The key is taken: by another request or, at an API that does not tell the two apart, by this one. */
  | "denied"
  /** Nothing is decided: the client must retry. */
  | "again"
  /** No API gives this response. */
  | "unexpected";

/** The promise of an API to its clients: written from its documents, not from the code. */
export interface ApiPromise {
  /** The space in which its keys are unique: an operation, or a kind of entity. */
  readonly space:
    | { readonly operation: string; readonly service?: string }
    | { readonly kind: string };
  /** The response to a repeat once the request is done: the first response, or a denial. */
  readonly repeat: "response" | "denial";
  readonly readMeaning: (response: ClientResponse) => Meaning;
  /** The kinds of ledger item that a done order makes, one of each; the response names the first. */
  readonly items: readonly [named: string, ...others: string[]];
  /** Reads the id of the ledger item that the response names. */
  readonly readEntityId: (response: ClientResponse) => string;
}

const LOCATION: Pick<ApiPromise, "readEntityId"> = {
  readEntityId: ({ location }) => location?.split("/").at(-1) ?? "",
};

/** The promises of the APIs that the sample implements. */
export const PROMISES: Readonly<Record<ApiName, ApiPromise>> = {
  ietf: {
    space: { operation: "POST /v2/transfers", service: "payments" },
    repeat: "response",
    readMeaning: createProblemReader(201),
    items: ["transfer"],
    ...LOCATION,
  },
  dwolla: {
    space: { operation: "POST /transfers", service: "payments" },
    repeat: "response",
    readMeaning: createProblemReader(201),
    items: ["transfer"],
    ...LOCATION,
  },
  orzcash: {
    space: { operation: "POST /payouts", service: "payouts" },
    repeat: "response",
    readMeaning: createProblemReader(201),
    items: ["payout"],
    ...LOCATION,
  },
  gluwa: {
    space: { operation: "Gluwa" },
    repeat: "denial",
    readMeaning: createReader(
      { 202: "done", 400: "refused", 422: "kept refusal" },
      ({ status, text }) =>
        status === 409 && text.includes("Transfer already exists.") ? "denied" : undefined,
    ),
    items: ["transfer"],
    readEntityId: ({ text }) => `tr_${JSON.parse(text).ID}`,
  },
  stripe: {
    space: { operation: "Stripe" },
    repeat: "response",
    readMeaning: createReader(
      { 200: "done", 400: "refused", 402: "kept refusal" },
      ({ status, text }) =>
        status === 400 && text.includes('"idempotency_error"') ? "denied" : undefined,
    ),
    items: ["transfer"],
    readEntityId: ({ text }) => JSON.parse(text).id.replace(/^ch_/, "tr_"),
  },
  "dfns transfer": {
    space: { kind: "transfer" },
    ...dfnsPromise(),
    items: ["transfer-request", "transfer"],
  },
  "dfns transaction": {
    space: { kind: "transaction" },
    ...dfnsPromise(),
    items: ["transaction-request"],
  },
};

function dfnsPromise(): Omit<ApiPromise, "space" | "items"> {
  return {
    repeat: "response",
    // A refusal before there is an entity leaves the key free.
    readMeaning: createReader(
      { 200: "done", 400: "refused", 422: "refused" },
      ({ status, text }) =>
        status === 409 && text.includes('"payload_mismatch"') ? "denied" : undefined,
    ),
    readEntityId: ({ text }) => JSON.parse(text).id,
  };
}

function createProblemReader(doneStatus: number): ApiPromise["readMeaning"] {
  return createReader(
    { [doneStatus]: "done", 400: "refused", 422: "kept refusal" },
    ({ status, text }) =>
      status === 422 && text.includes('"payload_mismatch"') ? "denied" : undefined,
  );
}

function createReader(
  meanings: Readonly<Record<number, Meaning>>,
  special: (response: ClientResponse) => Meaning | undefined,
): ApiPromise["readMeaning"] {
  return (response) => special(response) ?? meanings[response.status] ?? readTransient(response);
}

/** In flight, throttled or broken; API Gateway, too, responds with such a status when a function has died. */
function readTransient({ status, text }: ClientResponse): Meaning {
  const isStranded = text.includes("payout_stranded");
  const isTransient = status === 409 || status === 429 || status === 500 || status === 503;
  return isTransient && !isStranded ? "again" : "unexpected";
}
