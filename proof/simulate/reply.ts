/** The response to a client. */
export interface Reply {
  readonly statusCode: number;
  readonly body: string;
}

/** The decision of a handler, in the body of its response. */
export interface Decision {
  readonly tenant: string;
  readonly amount: number;
  /** The name of the execution that made it. */
  readonly by: string;
}

/** Reads the handler's decision; `undefined` for a refusal of the layer. */
export function readDecision({ body }: Reply): Decision | undefined {
  return body.startsWith('{"tenant"') ? JSON.parse(body) : undefined;
}

/** Describes a reply for a reader: a refusal by its code alone. */
export function describeReply({ statusCode, body }: Reply): string {
  const code = /"(?:code|Code|id)":"(\w+)"/.exec(body)?.[1];
  return `${statusCode} ${code ?? body}`;
}
