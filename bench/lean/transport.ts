/** Signs and sends one request; rejects if no response comes. */
export type Transport = (
  operation: string,
  body: string,
  signal: AbortSignal,
) => Promise<{ readonly statusCode: number; readonly body: string }>;

/** The endpoint of DynamoDB, and the credentials for it. */
export interface Target {
  /** @default DynamoDB's in the region */
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Fills in the variables of a function on Lambda for the members that a target leaves out. */
export function resolveTarget({ endpoint, region, credentials }: Target) {
  const { AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB } = process.env;
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const regionName = region ?? AWS_REGION ?? "us-east-1";
  return {
    url: new URL(
      endpoint ?? AWS_ENDPOINT_URL_DYNAMODB ?? `https://dynamodb.${regionName}.amazonaws.com`,
    ),
    region: regionName,
    credentials: credentials ?? {
      accessKeyId: AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? "",
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    },
  };
}

export const createHeaders = (operation: string) => ({
  "content-type": "application/x-amz-json-1.0",
  "x-amz-target": `DynamoDB_20120810.${operation}`,
});
