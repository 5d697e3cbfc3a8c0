/** The response to a client. */
export interface Reply {
  readonly statusCode: number;
  readonly body: string;
  /** The code of a refusal by the layer. */
  readonly code?: string | undefined;
  readonly retryAfter?: string | undefined;
}

/** The decision of a handler, in the body of its response. */
export interface Decision {
  readonly tenant: string;
  readonly amount: number;
  /** The name of the execution that made it. */
  readonly by: string;
}

/** Reads a response as a client does. */
export function readReply(response: {
  readonly statusCode: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
}): Reply {
  const { statusCode, body = "", headers = {} } = response;
  const code = /"(?:code|Code|id)":"(\w+)"/.exec(body)?.[1];
  const retryAfter = headers["retry-after"];
  return {
    statusCode,
    body,
    code,
    ...(retryAfter !== undefined && { retryAfter: `${retryAfter}` }),
  };
}

/** Reads the handler's decision; `undefined` for a refusal of the layer. */
export function readDecision({ body }: Reply): Decision | undefined {
  return body.startsWith('{"tenant"') ? JSON.parse(body) : undefined;
}

/** Describes a reply for a reader: a refusal by its code alone. */
export function describeReply({ statusCode, body, code }: Reply): string {
  return `${statusCode} ${code ?? body}`;
}
