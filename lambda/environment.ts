/**
 * A variable that the stack sets for every function that needs it.
 *
 * @throws when it is not set: the function must not start with half of its configuration.
 */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `The environment variable ${name} is ${value === "" ? "empty" : "not set"}. Set it to the value that TransferStack gives this function.`,
    );
  }
  return value;
}
