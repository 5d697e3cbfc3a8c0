import type { HttpResponse } from "../../../lib/index.ts";
import type { Problem } from "../../http/problem.ts";
import type { Entity } from "./entity.ts";

/** The response that shows an entity, both when it is created and later. */
export function entityResponse(entity: Entity): HttpResponse {
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(entity),
  };
}

/** A problem in Dfns' form. */
export function dfnsProblem({ statusCode, code, detail, details, headers }: Problem): HttpResponse {
  return {
    statusCode,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      error: { id: code, status: statusCode, message: detail, ...(details && { details }) },
    }),
  };
}
