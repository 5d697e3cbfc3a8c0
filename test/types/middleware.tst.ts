import middy, { type MiddlewareObj } from "@middy/core";
import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithIAMAuthorizer,
  Context,
  LambdaFunctionURLEvent,
} from "aws-lambda";
import { describe, expect, test } from "tstyche";
import {
  type IdempotencyContext,
  idempotent,
  memoryStore,
  type WithIdempotency,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";

const options = { store: memoryStore(), singleTenant: true } as const;

describe("the middleware", () => {
  test("is a Middy middleware", () => {
    expect(idempotency<APIGatewayProxyEventV2>(options)).type.toBeAssignableTo<
      MiddlewareObj<
        APIGatewayProxyEventV2,
        unknown,
        Error,
        Context & { idempotency: IdempotencyContext }
      >
    >();
  });

  test("is accepted by use() for every HTTP event", () => {
    expect(middy<APIGatewayProxyEventV2>().use).type.toBeCallableWith(
      idempotency<APIGatewayProxyEventV2>(options),
    );
    expect(middy<APIGatewayProxyEvent>().use).type.toBeCallableWith(
      idempotency<APIGatewayProxyEvent>(options),
    );
    expect(middy<LambdaFunctionURLEvent>().use).type.toBeCallableWith(
      idempotency<LambdaFunctionURLEvent>(options),
    );
    expect(middy<ALBEvent>().use).type.toBeCallableWith(idempotency<ALBEvent>(options));
  });

  test("takes the tenant from the event of its handler", () => {
    idempotency<APIGatewayProxyEventV2WithIAMAuthorizer>({
      store: memoryStore(),
      tenant: (event, context) => {
        expect(event).type.toBe<APIGatewayProxyEventV2WithIAMAuthorizer>();
        expect(context.awsRequestId).type.toBe<string>();
        return event.requestContext.authorizer.iam.userArn;
      },
    });
  });

  test("infers the types of its callbacks from the named event", () => {
    middy<APIGatewayProxyEventV2>().use(
      idempotency<APIGatewayProxyEventV2>({
        store: memoryStore(),
        operation: (event) => {
          expect(event).type.toBe<APIGatewayProxyEventV2>();
          return event.routeKey;
        },
        tenant: (event) => event.requestContext.accountId,
      }),
    );
  });

  test("leaves the event of its callbacks open without a named event, and does not change the handler's", () => {
    middy<APIGatewayProxyEventV2>()
      .use(
        idempotency({
          store: memoryStore(),
          tenant: (event, context) => {
            // biome-ignore lint/suspicious/noExplicitAny: the expected type.
            expect(event).type.toBe<any>();
            expect(context.awsRequestId).type.toBe<string>();
            return event.requestContext.accountId;
          },
        }),
      )
      .handler(async (event, context) => {
        expect(event).type.toBe<APIGatewayProxyEventV2>();
        expect(context.idempotency).type.toBe<IdempotencyContext>();
        return { statusCode: 201 };
      });
  });

  test("takes the event from a callback that names its type", () => {
    middy<APIGatewayProxyEventV2>()
      .use(
        idempotency({
          store: memoryStore(),
          tenant: (event: APIGatewayProxyEventV2) => event.requestContext.accountId,
        }),
      )
      .handler(async (event) => {
        expect(event).type.toBe<APIGatewayProxyEventV2>();
        return { statusCode: 201 };
      });
  });

  test("gives the handler idempotency in its context, and keeps the event", () => {
    middy<APIGatewayProxyEventV2>()
      .use(idempotency<APIGatewayProxyEventV2>(options))
      .handler(async (event, context) => {
        expect(event).type.toBe<APIGatewayProxyEventV2>();
        expect(context.idempotency).type.toBe<IdempotencyContext>();
        expect(context.awsRequestId).type.toBe<string>();
        return { statusCode: 201 };
      });
  });
});

test("the wrapper goes into Middy as a handler", () => {
  const handler = idempotent(
    async (_event: APIGatewayProxyEventV2, context: WithIdempotency<Context>) => ({
      statusCode: 201,
      body: context.idempotency.key ?? "",
    }),
    options,
  );
  expect(middy<APIGatewayProxyEventV2>().handler).type.toBeCallableWith(handler);
});
