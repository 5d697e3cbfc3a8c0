import { type HttpRequestParts, lists, lowerCased, resolveRequest } from "./http-request.ts";
import { ACCOUNT, REGION, TIME_MS } from "./places.ts";

/** The event of VPC Lattice, version 2, for which `@types/aws-lambda` has no type. */
export interface VpcLatticeEvent {
  version: "2.0";
  path: string;
  method: string;
  headers: Record<string, string[]>;
  queryStringParameters?: Record<string, string[]>;
  body?: string;
  isBase64Encoded: boolean;
  requestContext: {
    serviceNetworkArn: string;
    serviceArn: string;
    targetGroupArn: string;
    region: string;
    /** Microseconds. */
    timeEpoch: string;
    identity: { sourceVpcArn: string; type: string; principal?: string };
  };
}

/**
 * The event of VPC Lattice, for a target group with event structure version 2. Its maps hold lists.
 *
 * @param request with `principal`, the ARN of an authenticated caller, where the service has IAM
 *   authorization.
 * @see https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
 * @example
 * const event = vpcLatticeEvent({ path: "/transfers", key: "k-1", body: { amountMinor: 2500 } });
 */
export function vpcLatticeEvent(
  parts: Omit<HttpRequestParts, "route"> & { readonly principal?: string | undefined } = {},
): VpcLatticeEvent {
  const { principal, ...request } = parts;
  const { method, path, pairs, headers, body, isBase64Encoded } = resolveRequest({
    ...request,
    route: undefined,
  });
  const lattice = `arn:aws:vpc-lattice:${REGION}:${ACCOUNT}`;
  return {
    version: "2.0",
    path,
    method,
    headers: lists(lowerCased(headers)),
    ...(pairs.length > 0 && { queryStringParameters: lists(pairs) }),
    ...(body !== undefined && { body }),
    isBase64Encoded,
    requestContext: {
      serviceNetworkArn: `${lattice}:servicenetwork/sn-0123456789abcdef0`,
      serviceArn: `${lattice}:service/svc-0123456789abcdef0`,
      targetGroupArn: `${lattice}:targetgroup/tg-0123456789abcdef0`,
      region: REGION,
      timeEpoch: `${TIME_MS * 1_000}`,
      identity: {
        sourceVpcArn: `arn:aws:ec2:${REGION}:${ACCOUNT}:vpc/vpc-0123456789abcdef0`,
        type: "AWS_IAM",
        ...(principal !== undefined && { principal }),
      },
    },
  };
}
