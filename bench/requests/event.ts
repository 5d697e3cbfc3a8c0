import { createHttpEvent } from "../../proof/kit/http-event.ts";

/** A request as an HTTP API passes it to a function. */
export interface HttpEvent {
  readonly routeKey: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly requestContext: {
    readonly http: { readonly method: string; readonly path: string };
    readonly authorizer: { readonly jwt: { readonly claims: { readonly sub: string } } };
  };
}

export interface InvocationContext {
  readonly functionName: string;
  readonly awsRequestId: string;
  readonly getRemainingTimeInMillis: () => number;
}

/** API Gateway's longest wait; a function behind it has no use for more time. */
const REMAINING_MS = 29_000;

/** A transfer under this key, with the headers of API Gateway and any others. */
export function createEvent(
  key: string,
  { amountMinor = 2_500, headers = {} }: { amountMinor?: number; headers?: object } = {},
): HttpEvent {
  const authorizer = { jwt: { claims: { sub: "account-holder-42" }, scopes: null } };
  const event = createHttpEvent({
    route: "POST /transfers",
    headers: {
      accept: "application/json",
      "content-length": "93",
      host: "api.example.com",
      "idempotency-key": key,
      "user-agent": "payments-client/4.2.0 (linux; x64)",
      "x-amzn-trace-id": "Root=1-6925f0c1-3f6a7d0b2c4e8a1955d0e7b3",
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      ...headers,
    },
    body: { from: "alice", to: "bob", amountMinor, currency: "EUR", note: "rent" },
  });
  const requestContext = {
    ...event.requestContext,
    authorizer,
    accountId: "123456789012",
    apiId: "a1b2c3d4e5",
    domainName: "api.example.com",
    requestId: "JKJaXmPLvHcESHA=",
  };
  return { ...event, body: event.body ?? "", requestContext };
}

/** The context of one invocation; Lambda makes a new one for each. */
export function createInvocationContext(): InvocationContext {
  return {
    functionName: "create-transfer",
    awsRequestId: "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
    getRemainingTimeInMillis: () => REMAINING_MS,
  };
}
