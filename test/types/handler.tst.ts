import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from "aws-lambda";
import { describe, expect, test } from "tstyche";
import {
  type CommitRefused,
  type HttpResponse,
  type IdempotencyContext,
  idempotent,
  isCommitRefused,
  type LambdaResponse,
  memoryStore,
  type WithIdempotency,
} from "../../lib/index.ts";

type Event = APIGatewayProxyEventV2;
const options = { store: memoryStore(), singleTenant: true } as const;

describe("the handler", () => {
  test("finds idempotency in its context", () => {
    idempotent(async (_event: Event, context: WithIdempotency<Context>) => {
      expect(context.idempotency).type.toBe<IdempotencyContext>();
      expect(context.awsRequestId).type.toBe<string>();
      return { statusCode: 201 };
    }, options);
  });

  test("has a key and a fence only if the request has a key", () => {
    expect<IdempotencyContext["key"]>().type.toBe<string | undefined>();
    expect<IdempotencyContext["fence"]>().type.toBe<number | undefined>();
    expect<IdempotencyContext["signal"]>().type.toBe<AbortSignal>();
    expect<IdempotencyContext["isReplay"]>().type.toBe<boolean>();
    expect<IdempotencyContext["downstreamKey"]>().type.toBe<(name: string) => string>();
  });

  test("may reject a request with a response, and gets that response's own type back", () => {
    idempotent(async (_event: Event, { idempotency }: WithIdempotency<Context>) => {
      const answer = idempotency.reject({ statusCode: 422, body: "no", extra: true });
      expect(answer).type.toBe<{ statusCode: number; body: string; extra: boolean }>();
      expect(idempotency.reject).type.not.toBeCallableWith({ body: "no status" });
      return answer;
    }, options);
  });

  test("cannot change its idempotency context", () => {
    idempotent(async (_event: Event, { idempotency }: WithIdempotency<Context>) => {
      // @ts-expect-error Cannot assign to 'fence' because it is a read-only property.
      idempotency.fence = 1;
      return { statusCode: 201 };
    }, options);
  });
});

describe("the result of idempotent()", () => {
  const created = async (_event: Event, _context: WithIdempotency<Context>) => ({
    statusCode: 201 as const,
    transferId: "t-1",
  });
  const protectedHandler = idempotent(created, options);

  test("takes the event and a plain context: idempotency is added, not required", () => {
    expect(protectedHandler).type.toBeCallableWith({} as Event, {} as Context);
    expect(protectedHandler).type.not.toBeCallableWith({} as Event);
    expect(protectedHandler).type.not.toBeCallableWith({ rawPath: "/" }, {} as Context);
  });

  test("returns the type of the handler's result, or a replay or refusal", () => {
    expect(protectedHandler).type.toBe<
      (
        event: Event,
        context: Context,
      ) => Promise<{ statusCode: 201; transferId: string } | LambdaResponse>
    >();
  });

  test("is the same for a handler that is not async", () => {
    const sync = idempotent(
      (_event: Event, _context: WithIdempotency<Context>) => ({ statusCode: 204 }),
      options,
    );
    expect<Awaited<ReturnType<typeof sync>>>().type.toBe<{ statusCode: number } | LambdaResponse>();
  });

  test("passes on the parameters after the context, for example Middy's signal", () => {
    const withSignal = idempotent(
      async (
        _event: Event,
        _context: WithIdempotency<Context>,
        _more: { signal: AbortSignal },
      ) => ({
        statusCode: 201,
      }),
      options,
    );
    const { signal } = new AbortController();
    expect(withSignal).type.toBeCallableWith({} as Event, {} as Context, { signal });
    expect(withSignal).type.not.toBeCallableWith({} as Event, {} as Context);
  });

  test("wraps only handlers with a context that can be extended", () => {
    expect(idempotent).type.not.toBeCallableWith("not a handler", options);
    expect(idempotent).type.not.toBeCallableWith(
      async (_event: Event, _context: string) => ({ statusCode: 200 }),
      options,
    );
  });
});

test("a handler typed by its result keeps that result", () => {
  const handler = idempotent(
    async (
      _event: Event,
      _context: WithIdempotency<Context>,
    ): Promise<APIGatewayProxyStructuredResultV2> => ({ statusCode: 201 }),
    options,
  );
  expect<Awaited<ReturnType<typeof handler>>>().type.toBe<
    APIGatewayProxyStructuredResultV2 | LambdaResponse
  >();
});

test("a commit of a response with a body returns a response with a body", () => {
  idempotent(async (_event: Event, { idempotency }: WithIdempotency<Context>) => {
    const withBody = await idempotency.commit([], { statusCode: 201, body: "{}" });
    expect(withBody.body).type.toBe<string>();
    const bare = await idempotency.commit([], { statusCode: 201 });
    expect(bare).type.toBe<LambdaResponse>();
    expect(bare).type.toBeAssignableTo<HttpResponse>();
    expect(idempotency.commit).type.not.toBeCallableWith([], { body: "no status" });
    return bare;
  }, options);
});

test("isCommitRefused() narrows an error of commit()", () => {
  const error: unknown = undefined;
  if (isCommitRefused(error)) {
    expect(error).type.toBe<CommitRefused>();
    expect(error.index).type.toBe<number>();
  }
});
