/** The reason for which a value is refused, in words for a developer. */
export interface Fault {
  /** The problem, as a clause: "its body is a Buffer". */
  readonly problem: string;
  /** The advice to a developer, as a sentence. */
  readonly remedy: string;
}
