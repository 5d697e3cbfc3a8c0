/** What a client is answered. */
export interface Reply {
  readonly statusCode: number;
  readonly body: string;
}

/** What a handler has decided. */
export interface Decision {
  readonly tenant: string;
  readonly amount: number;
  /** The execution that did it. */
  readonly by: string;
}

/** The decision in a reply; the layer's refusals are not the handler's. */
export function decisionIn({ body }: Reply): Decision | undefined {
  return body.startsWith('{"tenant"') ? JSON.parse(body) : undefined;
}

/** A reply for people; of a refusal its code is enough. */
export function wordsOf({ statusCode, body }: Reply): string {
  const code = /"(?:code|Code|id)":"(\w+)"/.exec(body)?.[1];
  return `${statusCode} ${code ?? body}`;
}
