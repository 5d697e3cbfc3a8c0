import type { ApiName, ClientAnswer } from "./history.ts";

/** What an answer says to the client about its request. */
export type Meaning =
  /** It is done. */
  | "done"
  /** It is refused, and whoever asks again hears the same. */
  | "kept refusal"
  /** It is refused before it began; the key is as it was. */
  | "refused"
  /** The key belongs to another request; or, where an API says no more than that, to this one. */
  | "denied"
  /** Nothing is decided for the client: ask again. */
  | "again"
  /** No API may say this. */
  | "unexpected";

/** What an API promises, as its clients know it: written from its documents, not from the code. */
export interface ApiPromise {
  /** The space in which its keys are unique: an operation, or the kind of what is created. */
  readonly space:
    | { readonly operation: string; readonly service?: string }
    | { readonly kind: string };
  /** What a repeat gets, once the request is done: the first answer, or nothing but a denial. */
  readonly repeat: "answer" | "denial";
  readonly meaningOf: (answer: ClientAnswer) => Meaning;
  /** In which items of the ledger an order that is done shows, each time once; the first is told. */
  readonly items: readonly [told: string, ...others: string[]];
  /** The id, in the ledger, of what the client is told is done. */
  readonly toldIn: (answer: ClientAnswer) => string;
}

const LOCATION: Pick<ApiPromise, "toldIn"> = {
  toldIn: ({ location }) => location?.split("/").at(-1) ?? "",
};

/** The APIs that the sample speaks as. */
export const PROMISES: Readonly<Record<ApiName, ApiPromise>> = {
  ietf: {
    space: { operation: "POST /v2/transfers", service: "payments" },
    repeat: "answer",
    meaningOf: problemMeaning(201),
    items: ["transfer"],
    ...LOCATION,
  },
  dwolla: {
    space: { operation: "POST /transfers", service: "payments" },
    repeat: "answer",
    meaningOf: problemMeaning(201),
    items: ["transfer"],
    ...LOCATION,
  },
  orzcash: {
    space: { operation: "POST /payouts", service: "payments" },
    repeat: "answer",
    meaningOf: problemMeaning(201),
    items: ["payout"],
    ...LOCATION,
  },
  gluwa: {
    space: { operation: "Gluwa" },
    repeat: "denial",
    meaningOf: meaningBy(
      { 202: "done", 400: "refused", 422: "kept refusal" },
      ({ status, text }) =>
        status === 409 && text.includes("Transfer already exists.") ? "denied" : undefined,
    ),
    items: ["transfer"],
    toldIn: ({ text }) => `tr_${JSON.parse(text).ID}`,
  },
  stripe: {
    space: { operation: "Stripe" },
    repeat: "answer",
    meaningOf: meaningBy(
      { 200: "done", 400: "refused", 402: "kept refusal" },
      ({ status, text }) =>
        status === 400 && text.includes('"idempotency_error"') ? "denied" : undefined,
    ),
    items: ["transfer"],
    toldIn: ({ text }) => JSON.parse(text).id.replace(/^ch_/, "tr_"),
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
    repeat: "answer",
    // What is refused before there is an entity leaves the key free.
    meaningOf: meaningBy({ 200: "done", 400: "refused", 422: "refused" }, ({ status, text }) =>
      status === 409 && text.includes('"payload_mismatch"') ? "denied" : undefined,
    ),
    toldIn: ({ text }) => JSON.parse(text).id,
  };
}

function problemMeaning(doneStatus: number): ApiPromise["meaningOf"] {
  return meaningBy(
    { [doneStatus]: "done", 400: "refused", 422: "kept refusal" },
    ({ status, text }) =>
      status === 422 && text.includes('"payload_mismatch"') ? "denied" : undefined,
  );
}

function meaningBy(
  meanings: Readonly<Record<number, Meaning>>,
  special: (answer: ClientAnswer) => Meaning | undefined,
): ApiPromise["meaningOf"] {
  return (answer) => special(answer) ?? meanings[answer.status] ?? transient(answer);
}

/** In flight, throttled, or broken: also what API Gateway says where a function has died. */
function transient({ status, text }: ClientAnswer): Meaning {
  const isStranded = text.includes("payout_stranded");
  const isTransient = status === 409 || status === 429 || status === 500 || status === 503;
  return isTransient && !isStranded ? "again" : "unexpected";
}
