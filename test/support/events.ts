import { createHttpEvent } from "../../proof/kit/http-event.ts";

/** A request as a test describes it. Missing members get plain defaults. */
export interface RequestParts {
  readonly method?: string;
  readonly path?: string;
  /** The declared route, if it differs from the path. */
  readonly resource?: string;
  /** Query string without the question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly body?: string | Uint8Array;
}

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly resource: string;
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly body: { readonly body: string | null; readonly isBase64Encoded: boolean };
}

/** The event of an HTTP API, payload format 2.0. */
export function httpApiEvent(request: RequestParts = {}) {
  const { method, resource } = complete(request);
  return routedEvent(`${method} ${resource}`, request);
}

/** The event of a function URL: like an HTTP API's, but every route is `$default`. */
export function functionUrlEvent(request: RequestParts = {}) {
  return routedEvent("$default", request);
}

function routedEvent(route: string, request: RequestParts) {
  const { method, path, query, headers, body } = complete(request);
  const parts = { route, method, path, query, headers: lowerCased(headers) };
  return { ...createHttpEvent(parts), ...body };
}

/** The event of VPC Lattice, version 2: its maps hold lists. */
export function vpcLatticeEvent(request: RequestParts = {}) {
  const { method, path, query, headers, body } = complete(request);
  return {
    version: "2.0",
    path,
    method,
    headers: listed(Object.entries(lowerCased(headers))),
    queryStringParameters: listed([...new URLSearchParams(query)]),
    requestContext: {
      serviceNetworkArn: "arn:aws:vpc-lattice:…:servicenetwork/sn-1",
      serviceArn: "arn:aws:vpc-lattice:…:service/svc-1",
      targetGroupArn: "arn:aws:vpc-lattice:…:targetgroup/tg-1",
      identity: { sourceVpcArn: "arn:aws:ec2:…:vpc/vpc-1", type: "AWS_IAM" },
      region: "eu-central-1",
      timeEpoch: "1696331543569073",
    },
    ...body,
  };
}

/** The event of a REST API, payload format 1.0. */
export function restApiEvent(request: RequestParts = {}) {
  const { method, path, resource, query, headers, body } = complete(request);
  return {
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: listed(Object.entries(headers)),
    queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
    multiValueQueryStringParameters: listed([...new URLSearchParams(query)]),
    requestContext: { resourcePath: resource, httpMethod: method, stage: "prod" },
    ...body,
  };
}

/** The event of an Application Load Balancer, as its target group is set. */
export function albEvent(request: RequestParts = {}, multiValueHeaders = false) {
  const { method, path, query, headers, body } = complete(request);
  const pairs = query === "" ? [] : query.split("&").map((pair) => pair.split("=", 2));
  return {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:…:targetgroup/t/1" } },
    httpMethod: method,
    path,
    ...(multiValueHeaders
      ? {
          multiValueHeaders: listed(Object.entries(lowerCased(headers))),
          multiValueQueryStringParameters: listed(pairs as [string, string][]),
        }
      : { headers: lowerCased(headers), queryStringParameters: Object.fromEntries(pairs) }),
    ...body,
  };
}

function complete(request: RequestParts): Parts {
  const {
    method = "POST",
    path = "/transfers",
    query = "",
    body = '{"amountMinor":2500}',
  } = request;
  const binary = typeof body !== "string";
  return {
    method,
    path,
    query,
    resource: request.resource ?? path,
    headers: {
      "Content-Type": "application/json",
      ...(request.key === undefined ? {} : { "Idempotency-Key": request.key }),
      ...request.headers,
    },
    body: {
      body: binary ? Buffer.from(body).toString("base64") : body,
      isBase64Encoded: binary,
    },
  };
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function listed(pairs: [string, string][]): Record<string, string[]> {
  const lists = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...lists].map(([name, all]) => [name, all.map(([, value]) => value)]));
}
