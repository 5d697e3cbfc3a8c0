import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { HttpResponse } from "../../lib/index.ts";
import { type Problem, ProblemError, problemResponse } from "./problem.ts";

/**
 * Turns every error into a response, as problem+json or in the form of another API. Register it
 * first: its `onError` then runs last, and no other middleware takes the response for the handler's.
 */
export function problemErrors<Event = APIGatewayProxyEventV2>(
  form: (problem: Problem, event: Event) => HttpResponse = problemResponse,
): MiddlewareObj<Event, HttpResponse> {
  return {
    onError: (request) => {
      const { error } = request;
      const problem = error instanceof ProblemError ? error.problem : INTERNAL_ERROR;
      // Operators need the cause of a failure; the client must not see it.
      if (problem.statusCode >= 500) console.error(error);
      request.response = form(problem, request.event);
    },
  };
}

const INTERNAL_ERROR: Problem = {
  statusCode: 500,
  code: "internal_error",
  title: "The request failed.",
  detail:
    "The request failed inside the service. Send the same request again; a POST with the same Idempotency-Key.",
};
