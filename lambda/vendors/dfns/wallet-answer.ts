import type { HttpResponse } from "../../../lib/index.ts";
import type { Problem } from "../../http/problem.ts";
import type { Entity } from "./entity.ts";

/** An entity, on the day of its request and later. */
export function entityAnswer(entity: Entity): HttpResponse {
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(entity),
  };
}

/** A problem as Dfns tells it. */
export function dfnsProblem({ statusCode, code, detail, details, headers }: Problem): HttpResponse {
  return {
    statusCode,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      error: { id: code, status: statusCode, message: detail, ...(details && { details }) },
    }),
  };
}
