/** Refuses a part of a template that the local cloud cannot run as AWS would. */
export function demand(holds: boolean | undefined, problem: string): void {
  if (!holds) throw new Error(`${problem}, which the local cloud does not support.`);
}

/** Refuses properties that the local cloud does not know: they could change the behaviour. */
export function demandKnown(
  logicalId: string,
  properties: Record<string, unknown>,
  known: readonly string[],
): void {
  const unknown = Object.keys(properties).find((name) => !known.includes(name));
  demand(unknown === undefined, `${logicalId} has the property ${unknown}`);
}
