import type { HttpResponse } from "../http/response.ts";

/**
 * A response as Lambda's handler types (`@types/aws-lambda`) declare it: their lists are not
 * read-only, because nothing of them was written by the handler.
 */
export interface LambdaResponse extends HttpResponse {
  readonly headers?: Record<string, string | number | boolean>;
  readonly multiValueHeaders?: Record<string, (string | number | boolean)[]>;
  readonly cookies?: string[];
}

/**
 * What a client gets in place of a handler's result: a replay of one, or a refusal. A refusal always
 * has a body, so this has one wherever every result of the handler has one, as a REST API's must.
 */
export type LayerResponse<Result> = [Result] extends [{ readonly body: string }]
  ? LambdaResponse & { readonly body: string }
  : LambdaResponse;
