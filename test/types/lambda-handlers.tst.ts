import type {
  ALBHandler,
  APIGatewayProxyEventV2,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyHandlerV2WithJWTAuthorizer,
  APIGatewayProxyResult,
  APIGatewayProxyResultV2,
  APIGatewayProxyWithLambdaAuthorizerHandler,
  Context,
  Handler,
  LambdaFunctionURLHandler,
} from "aws-lambda";
import { describe, expect, test } from "tstyche";
import { idempotent, memoryStore, type WithIdempotency } from "../../lib/index.ts";

const store = memoryStore();
const options = { store, singleTenant: true } as const;

/** The export of a handler module, under the types of @types/aws-lambda. */
describe("idempotent() is a handler of", () => {
  test("an HTTP API, and types event and context accordingly", () => {
    const handler: APIGatewayProxyHandlerV2 = idempotent(
      async (event, context) => ({
        statusCode: 201,
        body: `${event.rawPath} ${context.awsRequestId} ${context.idempotency.key}`,
      }),
      options,
    );
    expect(handler).type.toBe<APIGatewayProxyHandlerV2>();
  });

  test("an HTTP API with an authorizer in its event", () => {
    const handler: APIGatewayProxyHandlerV2WithJWTAuthorizer = idempotent(
      async (event) => ({ statusCode: 201, body: event.rawPath }),
      { store, tenant: ({ requestContext }) => `${requestContext.authorizer.jwt.claims.sub}` },
    );
    expect(handler).type.toBe<APIGatewayProxyHandlerV2WithJWTAuthorizer>();
  });

  test("an HTTP API that makes a response from a text or an object", () => {
    const text: APIGatewayProxyHandlerV2 = idempotent(async () => "created", options);
    expect(text).type.toBe<APIGatewayProxyHandlerV2>();
    const object: APIGatewayProxyHandlerV2<{ id: string }> = idempotent(
      async () => ({ id: "t-1" }),
      options,
    );
    expect(object).type.toBe<APIGatewayProxyHandlerV2<{ id: string }>>();
  });

  test("a REST API, which requires a body", () => {
    const handler: APIGatewayProxyHandler = idempotent(
      async (event, context) => ({
        statusCode: 201,
        body: `${event.path} ${context.functionName} ${context.idempotency.key}`,
      }),
      options,
    );
    expect(handler).type.toBe<APIGatewayProxyHandler>();
    // @ts-expect-error Property 'body' is missing in type
    const bare: APIGatewayProxyHandler = idempotent(async () => ({ statusCode: 204 }), options);
    expect(bare).type.toBe<APIGatewayProxyHandler>();
  });

  test("a REST API with a Lambda authorizer, by its result", () => {
    const handler: APIGatewayProxyWithLambdaAuthorizerHandler<{ holder: string }> = idempotent(
      async (event): Promise<APIGatewayProxyResult> => ({ statusCode: 201, body: event.path }),
      { store, tenant: (event) => event.requestContext.authorizer.holder },
    );
    expect(handler).type.toBe<APIGatewayProxyWithLambdaAuthorizerHandler<{ holder: string }>>();
  });

  test("a load balancer and a function URL", () => {
    const alb: ALBHandler = idempotent(
      async ({ path }) => ({ statusCode: 201, body: path }),
      options,
    );
    expect(alb).type.toBe<ALBHandler>();
    const url: LambdaFunctionURLHandler = idempotent(
      async ({ rawPath }) => ({ statusCode: 201, body: rawPath }),
      options,
    );
    expect(url).type.toBe<LambdaFunctionURLHandler>();
  });

  test("any event and result", () => {
    const any: Handler<APIGatewayProxyEventV2> = idempotent(
      async ({ rawPath }) => ({ statusCode: 201, body: rawPath }),
      options,
    );
    expect(any).type.toBe<Handler<APIGatewayProxyEventV2>>();
    const typed: Handler<APIGatewayProxyEventV2, { statusCode: number; transferId: string }> =
      idempotent(async () => ({ statusCode: 201, transferId: "t-1" }), options);
    expect(typed).type.toBe<
      Handler<APIGatewayProxyEventV2, { statusCode: number; transferId: string }>
    >();
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const wrong: Handler<APIGatewayProxyEventV2, { transferId: string }> = idempotent(
      async () => ({ transferId: 7 }),
      options,
    );
    expect(wrong).type.toBe<Handler<APIGatewayProxyEventV2, { transferId: string }>>();
  });

  test("handlers that commit", () => {
    const http: APIGatewayProxyHandlerV2 = idempotent(
      async (_event, { idempotency }) => idempotency.commit([], { statusCode: 204 }),
      options,
    );
    expect(http).type.toBe<APIGatewayProxyHandlerV2>();
    const rest: APIGatewayProxyHandler = idempotent(
      async (_event, { idempotency }) => idempotency.commit([], { statusCode: 201, body: "{}" }),
      options,
    );
    expect(rest).type.toBe<APIGatewayProxyHandler>();
  });

  test("handlers with an event and a context typed by hand", () => {
    const created = async (
      event: APIGatewayProxyEventV2,
      context: WithIdempotency<Context>,
    ): Promise<APIGatewayProxyResultV2> => ({
      statusCode: 201,
      body: `${event.rawPath} ${context.idempotency.key}`,
    });
    const handler: APIGatewayProxyHandlerV2 = idempotent(created, options);
    expect(handler).type.toBe<APIGatewayProxyHandlerV2>();
  });

  test("a module that creates the handler first and exports it later", () => {
    const made = idempotent(
      async (event: APIGatewayProxyEventV2) => ({ statusCode: 201, body: event.rawPath }),
      options,
    );
    expect(made).type.toBeAssignableTo<APIGatewayProxyHandlerV2>();
    expect(made).type.toBeAssignableTo<
      Handler<APIGatewayProxyEventV2, { statusCode: number; body: string }>
    >();
  });
});
