import type { PathForm } from "../path.ts";
import type { Values } from "./values.ts";

/** The parts of a request that each format of events has in places of its own. */
export interface EventParts {
  readonly path: string;
  readonly route: string;
  /** All pairs, or the raw text of a query that cannot be decoded exactly. */
  readonly query: readonly (readonly [string, string])[] | string;
  readonly parameters: Values;
  readonly pathForm: PathForm;
  /** The form in which the event writes the parameters of its query. */
  readonly queryForm: PathForm;
  readonly answersInMultiValueHeaders: boolean;
}
