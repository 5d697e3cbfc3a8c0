import type { HttpResponse } from "./response.ts";

/**
 * A response in the form of Lambda's handler types (`@types/aws-lambda`), whose lists are not
 * read-only. The layer may promise that, because it creates these lists itself.
 */
export interface LambdaResponse extends HttpResponse {
  readonly headers?: Record<string, string | number | boolean>;
  readonly multiValueHeaders?: Record<string, (string | number | boolean)[]>;
  readonly cookies?: string[];
}

/**
 * The response of the layer in place of a handler's result: a replay or a refusal. A refusal always
 * has a body, so this type has a `body` if every result of the handler has one, as a REST API requires.
 */
export type LayerResponse<Result> = [Result] extends [{ readonly body: string }]
  ? LambdaResponse & { readonly body: string }
  : LambdaResponse;
