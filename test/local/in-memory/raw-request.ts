/** An answer of an engine, as far as engines agree. */
export interface RawAnswer {
  readonly status: number;
  /** The name of the error, without its namespace. */
  readonly error?: string;
  readonly message?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, " +
  "SignedHeaders=host, Signature=0";

/** Sends a request in the bytes of DynamoDB's protocol, also one that no SDK would send. */
export async function sendRaw(
  endpoint: string,
  operation: string,
  input: unknown,
): Promise<RawAnswer> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": "20260101T000000Z",
      authorization: AUTHORIZATION,
    },
    body: typeof input === "string" ? input : JSON.stringify(input),
  });
  const { __type, message, Message, ...body } = (await response.json()) as Record<string, string>;
  return {
    status: response.status,
    ...(__type && { error: __type.replace(/^.*#/, ""), message: message ?? Message ?? "" }),
    body,
  };
}
