import type { PathForm } from "../path.ts";
import type { Values } from "./values.ts";

/** The parts of a request that each event format holds in its own places. */
export interface EventParts {
  readonly path: string;
  readonly route: string;
  /** All pairs, or the raw text of a query that cannot be decoded exactly. */
  readonly query: readonly (readonly [string, string])[] | string;
  readonly parameters: Values;
  readonly pathForm: PathForm;
  /** The form of the query's parameters in the event. */
  readonly queryForm: PathForm;
  readonly readsMultiValueHeadersOnly: boolean;
}
