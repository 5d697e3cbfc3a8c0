import type { ALBEvent } from "aws-lambda";
import { type HttpRequestParts, last, lists, lowerCased, resolveRequest } from "./http-request.ts";
import { ACCOUNT, REGION } from "./places.ts";

/** The settings of a target group, for {@link albEvent}. */
export interface AlbSettings {
  /**
   * Whether the target group has multi-value headers. Its events then have the multi-value maps only.
   * @default false
   */
  readonly multiValueHeaders?: boolean | undefined;
}

/**
 * The event of an Application Load Balancer. A load balancer passes the escapes of path and query on.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 * @example
 * const event = albEvent({ path: "/transfers", key: "k-1", body: { amountMinor: 2500 } });
 */
export function albEvent(
  request: Omit<HttpRequestParts, "route"> = {},
  { multiValueHeaders = false }: AlbSettings = {},
): ALBEvent {
  const { method, path, escapedPairs, headers, body, isBase64Encoded } = resolveRequest({
    ...request,
    route: undefined,
  });
  const all = lowerCased(headers);
  return {
    requestContext: {
      elb: {
        targetGroupArn: `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:targetgroup/test/0123456789abcdef`,
      },
    },
    httpMethod: method,
    path,
    ...(multiValueHeaders
      ? {
          multiValueHeaders: lists(all),
          multiValueQueryStringParameters: lists(escapedPairs),
        }
      : { headers: last(all), queryStringParameters: last(escapedPairs) }),
    // A load balancer has an empty text where a request has no body.
    body: body ?? "",
    isBase64Encoded,
  };
}
