import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import type { OutcomePolicy, Settlement } from "../../lib/protocol/outcome.ts";
import {
  clientErrorStatus,
  defaultOutcome,
  type Ending,
  settle,
  settleUnclaimed,
} from "../../lib/protocol/outcome.ts";

const MARGIN_MS = 1_000;
const PLENTY_MS = 10_000;

const settled = (ending: Ending, remainingMs: number | undefined = PLENTY_MS) =>
  settle(defaultOutcome, ending, remainingMs, MARGIN_MS);
const returned = (statusCode: number): Ending => ({ kind: "returned", statusCode });
const threw = (error: unknown): Ending => ({ kind: "threw", error });

describe("a returned response", () => {
  test.each([
    200, 201, 202, 204, 299, 300, 303, 304, 399, 400, 402, 404, 409, 410, 422, 424, 426, 499,
  ])("with status %i is stored", (statusCode) => {
    expect(settled(returned(statusCode))).toBe("complete");
  });

  test.each([408, 425, 429, 500, 501, 502, 503, 504, 511, 599])(
    "with status %i releases the claim, and is not stored",
    (statusCode) => {
      expect(settled(returned(statusCode))).toBe("release");
    },
  );

  test("that the handler marked as a refusal before it began frees the key", () => {
    expect(settled({ kind: "rejected" })).toBe("free");
  });
});

/** An error of `http-errors`. */
class HttpError extends Error {
  readonly status: number;
  readonly statusCode: number;
  readonly expose: boolean;
  constructor(statusCode: number) {
    super(`status ${statusCode}`);
    this.status = statusCode;
    this.statusCode = statusCode;
    this.expose = statusCode < 500;
  }
}

describe("a thrown error", () => {
  test.each([400, 401, 403, 404, 409, 415, 422, 499])(
    "with status %i says that the request was refused before it began: the key is freed",
    (statusCode) => {
      expect(settled(threw(new HttpError(statusCode)))).toBe("free");
    },
  );

  test("with a status in a text, which error handlers send on, frees the key as with a number", () => {
    expect(settled(threw({ statusCode: "422" }))).toBe("free");
  });

  test.each([500, 502, 503, 504, 599])("with status %i releases the claim", (statusCode) => {
    expect(settled(threw(new HttpError(statusCode)))).toBe("release");
  });

  test.each([200, 302, 399])("with status %i is no refusal, and releases the claim", (status) => {
    expect(settled(threw(new HttpError(status)))).toBe("release");
  });

  test("of a middleware inside, as Middy's packages make it, frees the key with 4xx", async () => {
    const cause = { package: "@middy/validator", data: [] };
    const invalid = Object.assign(new Error("Event object failed validation", { cause }), {
      statusCode: 400,
    });
    const handler = middy({ timeoutEarlyInMillis: 0 })
      .before(() => {
        throw invalid;
      })
      .handler(async () => ({ statusCode: 201 }));
    expect(settled(threw(await catchError(handler)))).toBe("free");
  });

  test.each<[string, unknown]>([
    ["an error without a status", new Error("connection reset")],
    ["a TypeError", new TypeError("undefined is not a function")],
    ["an error of the AWS SDK, which has its status elsewhere", sdkError(400)],
    ["a status that is text, and no status", Object.assign(new Error(), { statusCode: "4O4" })],
    ["a status of 5xx that is text", Object.assign(new Error("busy"), { statusCode: "503" })],
    ["a status that is no number", Object.assign(new Error("odd"), { statusCode: Number.NaN })],
    ["a time-out that is not Middy's", new DOMException("aborted", "TimeoutError")],
    ["a string", "404"],
    ["a number", 404],
    ["undefined", undefined],
    ["null", null],
    ["an object without a prototype", Object.create(null)],
  ])("releases the claim: %s", (_name, error) => {
    expect(settled(threw(error))).toBe("release");
  });
});

describe("Middy's early time-out", () => {
  test("writes nothing, because the handler is still running", async () => {
    let isRunning = false;
    const handler = middy({ timeoutEarlyInMillis: 5 }).handler(async () => {
      isRunning = true;
      await new Promise(() => {});
    });
    const error = await catchError(handler, { getRemainingTimeInMillis: () => 6 });
    expect(isRunning).toBe(true);
    expect(error).toMatchObject({ name: "TimeoutError", cause: { package: "@middy/core" } });
    expect(settled(threw(error))).toBe("leave");
    expect(settled(threw(error), undefined)).toBe("leave");
  });

  test("is no question for a profile's policy", () => {
    const timeout = Object.assign(new Error("[AbortError]"), {
      name: "TimeoutError",
      cause: { package: "@middy/core" },
    });
    expect(settle(() => "free", threw(timeout), PLENTY_MS, MARGIN_MS)).toBe("leave");
  });
});

describe("near the end of the invocation", () => {
  const endings: [string, Ending, Settlement][] = [
    ["a failure is left", returned(503), "leave"],
    ["an error is left", threw(new Error("broken")), "leave"],
    ["a thrown 408 is left", threw(new HttpError(408)), "leave"],
    ["a refusal still frees the key", threw(new HttpError(400)), "free"],
    ["a rejection still frees the key", { kind: "rejected" }, "free"],
    [
      "a refusal of begun work is still stored",
      { kind: "threw", error: new HttpError(400), hasBegun: true },
      "complete",
    ],
    [
      "a 403 of begun work still releases",
      { kind: "rejected", statusCode: 403, hasBegun: true },
      "release",
    ],
    ["a response is still stored", returned(201), "complete"],
    ["a final refusal is still stored", returned(422), "complete"],
  ];

  test("a returned refusal still frees the key, if the policy frees it, and a returned failure is left", () => {
    const free = () => "free" as const;
    expect(settle(free, returned(422), MARGIN_MS, MARGIN_MS)).toBe("free");
    expect(settle(free, returned(503), MARGIN_MS, MARGIN_MS)).toBe("leave");
  });

  describe.each([MARGIN_MS, 1, 0, -5])("with %i ms left", (remainingMs) => {
    test.each(endings)("%s", (_name, ending, settlement) => {
      expect(settled(ending, remainingMs)).toBe(settlement);
    });
  });

  test.each([
    ["one millisecond more than the margin is not near", MARGIN_MS + 1],
    ["an unknown remaining time is not near", undefined],
  ])("%s", (_name, remainingMs) => {
    const bare = (ending: Ending) => settle(defaultOutcome, ending, remainingMs, MARGIN_MS);
    expect(bare(returned(503))).toBe("release");
    expect(bare({ kind: "rejected" })).toBe("free");
    expect(bare(returned(201))).toBe("complete");
  });
});

describe("the handler's word about its own response", () => {
  const busy = { kind: "returned", statusCode: 503 } as const;

  test("that it is final: it is stored, whatever its status", () => {
    expect(settled({ ...busy, isFinal: true })).toBe("complete");
    expect(settled({ ...busy, isFinal: false })).toBe("release");
  });

  test("that it is final: it is stored, whatever the policy and however near the end", () => {
    expect(settle(() => "free", { ...busy, isFinal: true }, 0, MARGIN_MS)).toBe("complete");
  });
});

describe("an execution that has begun", () => {
  const begun = (ending: Ending): Ending => ({ ...ending, hasBegun: true });
  const retryable = Object.assign(new HttpError(409), { retryable: true });

  test.each([400, 402, 404, 409, 422])(
    "and ends with an error of status %i completes: else the completer would do the work after all",
    (statusCode) => {
      const ending = threw(new HttpError(statusCode));
      expect(settled(begun(ending))).toBe("complete");
      expect(settled(begun(threw({ statusCode: String(statusCode) })))).toBe("complete");
      expect(settled({ ...ending, hasBegun: false } as Ending)).toBe("free");
    },
  );

  test.each([401, 403, 407])(
    "and ends with an error of status %i releases the claim: other credentials may help",
    (statusCode) => {
      expect(settled(begun(threw(new HttpError(statusCode))))).toBe("release");
      expect(settled(begun(threw({ statusCode: String(statusCode) })))).toBe("release");
    },
  );

  test.each([408, 425, 429, 500, 503])(
    "and ends with an error of status %i releases the claim: another attempt may go differently",
    (statusCode) => {
      expect(settled(begun(threw(new HttpError(statusCode))))).toBe("release");
      expect(settle(() => "free", begun(threw(new HttpError(statusCode))), PLENTY_MS, 1)).toBe(
        "release",
      );
    },
  );

  test("and ends with an error that promises another outcome releases the claim, also if a policy would free it", () => {
    expect(settled(begun(threw(retryable)))).toBe("release");
    for (const error of [retryable, new Error("broken"), "broken", undefined]) {
      expect(settle(() => "free", begun(threw(error)), PLENTY_MS, MARGIN_MS)).toBe("release");
    }
  });

  test.each([201, 400, 402, 409, 422])(
    "and a response of status %i that a policy would free is stored",
    (statusCode) => {
      const ending = begun(returned(statusCode));
      expect(settle(() => "free", ending, PLENTY_MS, MARGIN_MS)).toBe("complete");
    },
  );

  test.each([401, 403, 407, 408, 425, 429, 500, 503])(
    "and a response of status %i that a policy would free is not stored",
    (statusCode) => {
      const ending = begun(returned(statusCode));
      expect(settle(() => "free", ending, PLENTY_MS, MARGIN_MS)).toBe("release");
    },
  );

  test("and any other decision of a policy stands", () => {
    for (const settlement of ["complete", "release", "leave"] as const) {
      const ending = begun(returned(201));
      expect(settle(() => settlement, ending, PLENTY_MS, MARGIN_MS)).toBe(settlement);
    }
  });

  test("and ends near the end of the invocation is stored, or released", () => {
    expect(settled(begun(threw(new HttpError(422))), MARGIN_MS)).toBe("complete");
    expect(settled(begun(threw(new HttpError(403))), MARGIN_MS)).toBe("release");
    expect(settled(begun({ kind: "rejected" }), MARGIN_MS)).toBe("complete");
  });
});

test("a member of another kind of ending counts for nothing", () => {
  const timeout = { name: "TimeoutError", cause: { package: "@middy/core" } };
  const answered = { kind: "returned", statusCode: 201, error: timeout } as Ending;
  const failed = { kind: "threw", error: new Error("broken"), isFinal: true } as Ending;
  expect([answered, failed].map((ending) => settled(ending))).toEqual(["complete", "release"]);
});

test("a rejection frees the key; once an earlier execution may have begun it is stored", () => {
  expect(settled({ kind: "rejected", hasBegun: false })).toBe("free");
  expect(settled({ kind: "rejected", hasBegun: true })).toBe("complete");
});

test("a refusal that promises that another attempt may go differently releases the claim", () => {
  const refusal = (retryable: unknown) => Object.assign(new HttpError(409), { retryable });
  expect(settled(threw(refusal(true)))).toBe("release");
  expect(settled(threw(refusal(false)))).toBe("free");
  expect(settled(threw(refusal("true")))).toBe("free");
});

test.each([
  [399, undefined],
  [400, 400],
  [499, 499],
  [500, undefined],
])("of an error of status %i the client's error is %s", (statusCode, expected) => {
  expect(clientErrorStatus(new HttpError(statusCode))).toBe(expected);
});

test.each([["422.5"], ["0422"], [" 422"], ["422 "], [["422"]], [[422]]])(
  "%j is no status of an error",
  (statusCode) => {
    expect(clientErrorStatus({ statusCode })).toBeUndefined();
  },
);

test("a profile's policy may store an error and a rejection", () => {
  const store: OutcomePolicy = () => "complete";
  for (const ending of [threw(new Error("down")), { kind: "rejected" } as const]) {
    expect(settle(store, ending, PLENTY_MS, MARGIN_MS)).toBe("complete");
  }
  const carrying = { kind: "rejected", error: { statusCode: 401 } } as Ending;
  expect(settle(store, carrying, PLENTY_MS, MARGIN_MS)).toBe("complete");
});

test("a profile's policy decides every other ending", () => {
  const keepsFailures: OutcomePolicy = (ending) =>
    ending.kind === "returned" ? "complete" : defaultOutcome(ending);
  expect(settle(keepsFailures, returned(500), PLENTY_MS, MARGIN_MS)).toBe("complete");
  expect(settle(keepsFailures, threw(new Error("broken")), PLENTY_MS, MARGIN_MS)).toBe("release");
});

describe("a policy that does not decide", () => {
  const fails = () => {
    throw new Error("no such ending");
  };
  test.each<[string, unknown]>([
    ["and returns a promise", async () => "complete"],
    ["and returns nothing", () => undefined],
    ["and returns another word", () => "completed"],
    ["and throws", fails],
  ])("%s repeats nothing", (_how, policy) => {
    const settledBy = (ending: Ending) =>
      settle(policy as OutcomePolicy, ending, PLENTY_MS, MARGIN_MS);
    expect(settledBy(returned(201))).toBe("complete");
    expect(settledBy(threw(new Error("broken")))).toBe("leave");
    expect(settledBy({ kind: "rejected" })).toBe("leave");
  });
});

describe.each([401, 407])("%i is about credentials", (statusCode) => {
  const storesAll: OutcomePolicy = () => "complete";
  const settledWith = (ending: Ending, refusesInterrupted = false) =>
    settle(storesAll, ending, PLENTY_MS, MARGIN_MS, refusesInterrupted);

  test("and never stored, returned or thrown", () => {
    expect(settledWith(returned(statusCode))).toBe("release");
    expect(settledWith(threw(new HttpError(statusCode)))).toBe("release");
    expect(settledWith(threw({ statusCode: String(statusCode) }))).toBe("release");
    expect(settled(returned(statusCode))).toBe("release");
  });

  test("and frees the key where no retry may take the claim over and nothing has begun", () => {
    expect(settledWith(returned(statusCode), true)).toBe("free");
    expect(settledWith({ ...returned(statusCode), hasBegun: true } as Ending, true)).toBe(
      "release",
    );
  });

  test("but is stored where the handler says that it is final", () => {
    expect(settledWith({ ...returned(statusCode), isFinal: true } as Ending)).toBe("complete");
  });

  test("and a response that a policy does not store ends as the policy says", () => {
    const policy = (settlement: "free" | "leave") => () => settlement;
    const ending = returned(statusCode);
    expect(settle(policy("free"), ending, PLENTY_MS, MARGIN_MS)).toBe("free");
    expect(settle(policy("leave"), ending, PLENTY_MS, MARGIN_MS)).toBe("leave");
  });

  test("and a rejection of it is a rejection", () => {
    expect(settledWith({ kind: "rejected", statusCode } as Ending)).toBe("complete");
  });
});

test.each([400, 402, 403, 408])("%i is not about credentials", (statusCode) => {
  expect(settle(() => "complete", returned(statusCode), PLENTY_MS, MARGIN_MS)).toBe("complete");
});

function sdkError(httpStatusCode: number): Error {
  return Object.assign(new Error("ValidationException"), { $metadata: { httpStatusCode } });
}

/** The error with which a handler of Middy rejects. */
async function catchError(handler: unknown, context: object = {}): Promise<unknown> {
  const call = handler as (event: object, context: object) => Promise<unknown>;
  return call({}, context).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("where nothing was claimed,", () => {
  const unclaimed = (settlement: Settlement, ending: Ending, fence?: number) =>
    settleUnclaimed(settlement, ending, { fence });

  test.each<[string, Ending]>([
    ["returned", returned(403)],
    ["thrown", threw(new HttpError(409))],
    ["marked", { kind: "rejected", statusCode: 403 }],
  ])("a %s refusal frees the key in place of a release", (_name, ending) => {
    expect(unclaimed("release", ending)).toBe("free");
    expect(unclaimed("release", ending, 1)).toBe("release");
  });

  test.each<[string, Ending]>([
    ["a returned 401, whose client comes again", returned(401)],
    ["a thrown 407", threw(new HttpError(407))],
    ["a returned failure", returned(503)],
    ["an error", threw(new Error("broken"))],
  ])("%s is still a release", (_name, ending) => {
    expect(unclaimed("release", ending)).toBe("release");
  });

  test.each(["complete", "free", "leave"] as const)("%s stays as it is", (settlement) => {
    expect(unclaimed(settlement, returned(403))).toBe(settlement);
  });
});

test.each<[Settlement, number | undefined, Settlement]>([
  ["free", undefined, "release"],
  ["free", 1, "free"],
  ["release", undefined, "release"],
  ["complete", undefined, "complete"],
])(
  "where a refusal is not final, %s under the fence %p becomes %s",
  (settlement, fence, expected) => {
    const ending: Ending = { kind: "rejected" };
    expect(settleUnclaimed(settlement, ending, { fence }, false)).toBe(expected);
  },
);
